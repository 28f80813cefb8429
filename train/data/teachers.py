"""Who teaches the extractor to draw: HED's ridges, and the snapshots of one TOM run."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from evaluation.baselines.hed import EdgeNet, VGGTrunk
from evaluation.baselines.sketch_generator import SketchGenerator
from s2i.config import SketchGeneratorConfig
from s2i.imaging.pixels.layouts import uint8_to_image
from s2i.imaging.pixels.padding import pad_to_multiple
from s2i.imaging.pixels.sizes import resize_area

from ..errors import TrainError
from .ridges import RIDGE_VARIANTS, RidgeVariant, draw_ridges

# TOM's strokes have soft flanks; what is taught is the line in their middle.
TOM_VARIANT = RidgeVariant(0.45, 0.2, 14, 1.0)
_HED_SIDE = 448  # short side at which HED sees a picture: larger finds brushwork, smaller loses features
_TOM_SIDE = 384  # the same for TOM: what its crops were taken from
_TOM_MARGIN = 16  # pixels repeated around a picture: TOM would trace its frame


def load_snapshots(folder: str | Path, count: int = 0) -> list[SketchGenerator]:
    """TOM generators from `*.safetensors` in name order; of more than `count`, that many evenly spread from the last.

    Raises `TrainError` where there are none or one is not a generator.
    """
    from safetensors.torch import load_file

    files = sorted(Path(folder).glob("*.safetensors"))
    if not files or len(files) < count:
        raise TrainError(f"{folder} holds {len(files)} TOM snapshots, {max(1, count)} are needed: train for longer, "
                         "or lower snapshot_images")
    if count:
        files = [files[round(i)] for i in np.linspace(0, len(files) - 1, count)]
    generators = []
    for file in files:
        state = load_file(file)
        try:
            width = state["enter.weight"].shape[0] // 2
            generator = SketchGenerator(SketchGeneratorConfig(width=width))
            generator.load_state_dict(state)
        except (KeyError, RuntimeError) as error:
            raise TrainError(f"{file} is no snapshot of a TOM generator ({str(error).splitlines()[0]})") from error
        generators.append(generator.eval().requires_grad_(False).to(memory_format=torch.channels_last))
    return generators


def shallow(trunk: VGGTrunk, blocks: int) -> VGGTrunk:
    """The same frozen trunk, cut after its first blocks; weights are shared."""
    cut = copy.copy(trunk)
    cut._modules = {**trunk._modules, "blocks": trunk.blocks[:blocks]}
    return cut


@torch.inference_mode()
def edge_map(net: EdgeNet, picture: np.ndarray) -> np.ndarray:
    """(H,W,3) uint8 -> HED's probability of an edge, (H,W) float32."""
    h, w = picture.shape[:2]
    scale = _HED_SIDE / min(h, w)
    image = F.interpolate(
        uint8_to_image(picture), (round(h * scale), round(w * scale)), mode="bilinear", antialias=True
    )
    with torch.autocast("cpu", torch.bfloat16):
        edge = net(image.contiguous(memory_format=torch.channels_last))
    edge = F.interpolate(edge.float(), (h, w), mode="bilinear", antialias=True)
    return edge[0, 0].numpy()


@torch.inference_mode()
def tom_inks(trunk: VGGTrunk, generators: Sequence[SketchGenerator], picture: np.ndarray) -> np.ndarray:
    """(H,W,3) uint8 -> (len(generators),H,W) float32 in [0,1], as TOM draws."""
    image = uint8_to_image(picture)
    scale = min(1.0, _TOM_SIDE / min(image.shape[-2:]))
    seen = resize_area(image, tuple(round(n * scale) for n in image.shape[-2:]))
    h, w = seen.shape[-2:]
    padded = pad_to_multiple(F.pad(seen, (_TOM_MARGIN,) * 4, "replicate"), 8, "replicate")[0]
    with torch.autocast("cpu", torch.bfloat16):
        pools = shallow(trunk, 3).pools(padded.contiguous(memory_format=torch.channels_last))
        inks = torch.cat([generator(pools) for generator in generators])
    inks = inks[..., _TOM_MARGIN : _TOM_MARGIN + h, _TOM_MARGIN : _TOM_MARGIN + w].float()
    return F.interpolate(inks, image.shape[-2:], mode="bilinear", align_corners=False)[:, 0].numpy()


class Teachers:
    """picture (H,W,3) uint8 -> (K,H,W) uint8, 255 = ink: ridges from sparse to careful, then each snapshot's."""

    def __init__(
        self,
        hed: EdgeNet,
        generators: Sequence[SketchGenerator] = (),
        variants: Sequence[RidgeVariant] = RIDGE_VARIANTS,
    ) -> None:
        self.hed, self.generators, self.variants = hed, list(generators), list(variants)

    def __len__(self) -> int:
        return len(self.variants) + len(self.generators)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        edge = edge_map(self.hed, picture)
        inks = [draw_ridges(edge, variant) for variant in self.variants]
        if self.generators:
            drawn = tom_inks(self.hed.trunk, self.generators, picture)
            inks += [draw_ridges(ink, TOM_VARIANT) for ink in drawn]
        return (np.stack(inks) * 255).round().astype(np.uint8)
