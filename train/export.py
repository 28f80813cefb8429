"""`python -m train export --painter RUN --refiner RUN --extractor FILE --out BUNDLE`: what s2i loads.

The averaged weights, in half precision, with the model's sizes and where everything came from; and a draft of the
model card beside it.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from s2i.cli.run_command import run_command
from s2i.config import ExtractorConfig, ModelConfig
from s2i.models.refiner import Refiner
from s2i.models.sketch_extractor import SketchExtractor
from s2i.weights import FORMAT as BUNDLE_FORMAT
from s2i.weights import load_bundle, save_bundle

from .card import draft_card
from .engine.checkpoints import FORMAT as CHECKPOINT_FORMAT
from .engine.checkpoints import Checkpoint, find_checkpoint, read_checkpoint
from .errors import TrainError
from .losses.efficientnet_lite0 import load_trunk

logger = logging.getLogger(__name__)

_PARTS = ("content_encoder", "style_encoder", "decoder")


@dataclass(frozen=True)
class Part:
    """One component's weights and where they came from."""

    state: dict[str, Tensor]
    facts: dict[str, Any]


def export(
    out: Path,
    painter: str,
    refiner: str | None = None,
    extractor: str | None = None,
    *,
    licence: str = "MIT",
    notes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Write the bundle `out` and, where there is none yet, MODEL_CARD.md beside it; -> the provenance.

    painter, refiner: a checkpoint or the folder of a run. Without a refiner the bundle's does nothing. extractor: a
    bundle, a checkpoint or a plain safetensors file; None takes the bundled model's. Raises `TrainError` where parts
    do not belong together.
    """
    trained = _checkpoint(painter, "painter")
    config = ModelConfig.from_dict(trained.meta["model"])
    components = _split(trained)
    if config.trunk is not None:
        components["perceptual_trunk"] = load_trunk(config.trunk).state_dict()
    facts = {"painter": _facts(trained)}
    second = _refiner(config, refiner)
    components["refiner"], facts["refiner"] = second.state, second.facts
    extractor_config, drawn = read_extractor(extractor)
    components["sketch_extractor"], facts["sketch_extractor"] = drawn.state, drawn.facts
    config = replace(config, extractor=extractor_config)
    provenance = {**_summary(facts), "licence": licence, **facts, **(notes or {})}
    out.parent.mkdir(parents=True, exist_ok=True)
    save_bundle(out, components, config, provenance)
    logger.info("%s: %.1f MB", out, out.stat().st_size / 1e6)
    card = out.parent / "MODEL_CARD.md"
    if card.exists():
        logger.info("%s is there already and was left alone", card)
    else:
        card.write_text(draft_card(config, provenance, out.name), encoding="utf-8")
    return provenance


# -- parts ----------------------------------------------------------------------------------------------------------


def _checkpoint(path: str, stage: str) -> Checkpoint:
    checkpoint = find_checkpoint(Path(path), path)
    if checkpoint.meta.get("stage") != stage:
        raise TrainError(f"{checkpoint.path} is of the stage {checkpoint.meta.get('stage')!r}, not {stage!r}")
    return checkpoint


def _split(checkpoint: Checkpoint) -> dict[str, dict[str, Tensor]]:
    """The averaged painter, by component."""
    return {name: checkpoint.part(f"ema.generator.{name}") for name in _PARTS}


def _refiner(config: ModelConfig, path: str | None) -> Part:
    if path is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            idle = Refiner(config.refiner)  # its last layer starts at zero: it enlarges
        return Part(idle.state_dict(), {"trained": False})
    checkpoint = _checkpoint(path, "refiner")
    if replace(ModelConfig.from_dict(checkpoint.meta["model"]), extractor=config.extractor) != config:
        raise TrainError(f"{checkpoint.path} was trained for another model than the painter")
    return Part(checkpoint.part("ema.generator"), _facts(checkpoint))


def read_extractor(path: str | None) -> tuple[ExtractorConfig, Part]:
    """The extractor in a bundle, a checkpoint (or a run's folder), or a safetensors file of nothing else."""
    if path is None:
        from s2i.hub import bundled_path

        if not bundled_path().exists():
            raise TrainError("there is no bundled model to take the sketch extractor from: give --extractor FILE")
        path = str(bundled_path())
    if Path(path).is_dir():
        return _extractor_of(find_checkpoint(Path(path), path))
    try:
        with safe_open(path, "pt") as file:
            found = (file.metadata() or {}).get("format")
            state = {} if found else {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TrainError(f"the extractor {path} cannot be read: {error}") from error
    if found == BUNDLE_FORMAT:
        bundle = load_bundle(path)
        facts = bundle.provenance.get("sketch_extractor", {})
        return bundle.config.extractor, Part(bundle.components["sketch_extractor"], facts)
    if found == CHECKPOINT_FORMAT:
        return _extractor_of(read_checkpoint(Path(path)))
    return _sizes(state, path), Part(state, {"file": Path(path).name})


def load_extractor(path: str | None) -> tuple[ExtractorConfig, SketchExtractor]:
    """The extractor that `read_extractor` finds, frozen, in float32."""
    config, part = read_extractor(path)
    net = SketchExtractor(config)
    net.load_state_dict(part.state)
    return config, net.float().eval().requires_grad_(False)


def _extractor_of(checkpoint: Checkpoint) -> tuple[ExtractorConfig, Part]:
    names = {name.split(".")[1] for name in checkpoint.tensors if name.startswith("ema.")}
    if len(names) != 1:
        raise TrainError(f"{checkpoint.path} is of the stage {checkpoint.meta.get('stage')!r}: not a sketch extractor")
    state = checkpoint.part(f"ema.{names.pop()}")
    return _sizes(state, str(checkpoint.path)), Part(state, _facts(checkpoint))


def _sizes(state: dict[str, Tensor], path: str) -> ExtractorConfig:
    """What the extractor must have been made with, from its tensors' shapes."""
    shapes = {name: tensor.shape for name, tensor in state.items()}
    code = shapes.get("code.weight")
    width = next((shape[0] for name, shape in shapes.items() if name.startswith("stem.") and len(shape) == 4), None)
    if code is not None and width is not None:
        for depth in range(1, 13):
            config = ExtractorConfig(width, depth, code[-1])
            with torch.device("meta"):
                expected = SketchExtractor(config).state_dict()
            if {name: tensor.shape for name, tensor in expected.items()} == shapes:
                return config
    raise TrainError(f"{path} does not hold the weights of a sketch extractor of this version")


# -- where it came from ---------------------------------------------------------------------------------------------


def _facts(checkpoint: Checkpoint) -> dict[str, Any]:
    kept = ("samples_seen", "step", "minutes", "hardware", "seed", "batch", "mixed_precision", "torch", "provenance")
    facts = {name: checkpoint.meta[name] for name in kept if name in checkpoint.meta}
    # A refiner's record repeats its painter's; the bundle has that once.
    before = facts.get("provenance", {}).pop("painter", {})
    if before.get("loss_net"):
        facts["provenance"].setdefault("loss_net", before["loss_net"])
    return facts


def _summary(facts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a reader asks first, over all stages."""
    stages = [f for f in facts.values() if "samples_seen" in f]
    first = facts["painter"]
    data = first.get("provenance", {})
    nets = {f.get("provenance", {}).get("loss_net", "none") for f in stages}
    return {
        "data_manifest_sha256": data.get("manifest_sha256", "unknown"),
        "data_pictures": data.get("pictures", 0),
        "steps": {name: f.get("step", 0) for name, f in facts.items()},
        "minutes": round(sum(f.get("minutes", 0.0) for f in stages), 1),
        "hardware": sorted({h for f in stages for h in f.get("hardware", [])}),
        "seed": first.get("seed", 0),
        "loss_nets": sorted(nets - {"none"}) or ["none"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train export", description="Write a bundle that s2i loads.")
    parser.add_argument("--painter", required=True, help="a checkpoint, or the folder of a run")
    parser.add_argument("--refiner", help="a checkpoint, or the folder of a run; without it the refiner does nothing")
    parser.add_argument("--extractor", help="a bundle, checkpoint or safetensors file (default: the bundled model's)")
    parser.add_argument("--licence", default="MIT", help="of the weights")
    parser.add_argument("--note", action="append", default=[], metavar="KEY=VALUE", help="add to the provenance")
    parser.add_argument("--out", required=True, type=Path, help="the bundle, .safetensors")
    given = parser.parse_args()
    notes = dict(note.partition("=")[::2] for note in given.note)
    facts = export(given.out, given.painter, given.refiner, given.extractor, licence=given.licence, notes=notes)
    logger.info("%s", json.dumps({k: v for k, v in facts.items() if not isinstance(v, dict)}))


if __name__ == "__main__":
    run_command(main)
