"""`python -m train export --painter RUN --refiner RUN --extractor FILE --out BUNDLE`: what s2i loads.

The averaged weights, in half precision, with the model's sizes and where everything came from; and a draft of the
model card beside it.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from s2i.bundle import save_bundle
from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.models.refiner import Refiner

from .card import draft_card
from .engine.checkpoints import Checkpoint, find_checkpoint
from .engine.parts import Part, facts_of
from .engine.trained_discriminator import save_discriminators
from .engine.trained_extractor import read_extractor
from .errors import TrainError
from .frozen_nets.efficientnet_lite0 import load_trunk

logger = logging.getLogger(__name__)

_PARTS = ("content_encoder", "style_encoder", "decoder")


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
    facts = {"painter": facts_of(trained)}
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
    return Part(checkpoint.part("ema.generator"), facts_of(checkpoint))


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
    parser.add_argument("--discriminator", type=Path, help="write the painter's here, too: tuning goes on with it")
    parser.add_argument("--licence", default="MIT", help="of the weights")
    parser.add_argument("--note", action="append", default=[], metavar="KEY=VALUE", help="add to the provenance")
    parser.add_argument("--out", required=True, type=Path, help="the bundle, .safetensors")
    given = parser.parse_args()
    notes = dict(note.partition("=")[::2] for note in given.note)
    if given.discriminator:
        save_discriminators(_checkpoint(given.painter, "painter"), given.discriminator)
    facts = export(given.out, given.painter, given.refiner, given.extractor, licence=given.licence, notes=notes)
    logger.info("%s", json.dumps({k: v for k, v in facts.items() if not isinstance(v, dict)}))


if __name__ == "__main__":
    run_command(main)
