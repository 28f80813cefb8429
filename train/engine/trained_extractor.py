"""The sketch extractor, wherever it lies: in a bundle, a checkpoint, a run's folder or a file of its own."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from s2i.bundle import FORMAT as BUNDLE_FORMAT
from s2i.bundle import load_bundle
from s2i.config import ExtractorConfig
from s2i.model_files.skip_init import skip_init
from s2i.models.sketch_extractor import SketchExtractor

from ..errors import TrainError
from .checkpoints import FORMAT as CHECKPOINT_FORMAT
from .checkpoints import Checkpoint, find_checkpoint, read_checkpoint
from .parts import Part, facts_of


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
    return _sizes(state, str(checkpoint.path)), Part(state, facts_of(checkpoint))


def _sizes(state: dict[str, Tensor], path: str) -> ExtractorConfig:
    """What the extractor must have been made with, from its tensors' shapes."""
    shapes = {name: tensor.shape for name, tensor in state.items()}
    code = shapes.get("code.weight")
    width = next((shape[0] for name, shape in shapes.items() if name.startswith("stem.") and len(shape) == 4), None)
    if code is not None and width is not None:
        for depth in range(1, 13):
            config = ExtractorConfig(width, depth, code[-1])
            with skip_init():
                expected = SketchExtractor(config).state_dict()
            if {name: tensor.shape for name, tensor in expected.items()} == shapes:
                return config
    raise TrainError(f"{path} does not hold the weights of a sketch extractor of this version")
