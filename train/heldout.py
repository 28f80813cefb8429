"""How well drafts answer held-out samples: `python -m train heldout FIRST [BUNDLE ...] --data PICTURES --inks INKS
--drawings SKETCHES`, the folders that `train.stages.autoencoder` is given.

The sheets' numbers say what pictures look like and move little from one checkpoint to the next. This is the training's
own error, on the validation split's pictures and the sketches that were held out, the very same samples for every
bundle: the ratio to the first bundle's is a paired comparison, and its interval is bootstrapped by picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from evaluation.metrics.bootstrap import Interval, bootstrap
from s2i.cli.run_command import run_command
from s2i.pipeline import SketchToImage
from train.data.datasets import DataConfig, open_folder, split_drawings
from train.data.pictures import Record
from train.data.samples import SampleConfig, SampleMaker
from train.data.strokes import HandDrawing, load_drawings
from train.errors import TrainError

BATCH = 24
KINDS = {
    "people's drawings": {"hand_drawn": 1.0},
    "repainted pictures": {"hand_drawn": 0.0, "repainted": 1.0},
    "pictures as they are": {"hand_drawn": 0.0, "repainted": 0.0},
}


def held_out_samples(
    config: SampleConfig, records: Sequence[Record], drawings: Sequence[HandDrawing], count: int
) -> dict[str, Tensor]:
    """`count` samples stacked: image, reference (N,3,S,S) in [-1,1]; ink (N,1,S,S) in [0,1]; index (N,), the picture
    that each was made of. The same arguments give the same samples."""
    maker = SampleMaker(config, records, drawings)
    made = [maker(records, i, np.random.default_rng([5, i])) for i in range(count)]
    return {key: torch.stack([m[key] for m in made]) for key in ("image", "ink", "reference", "index")}


@torch.inference_mode()
def draft_errors(model: SketchToImage, samples: dict[str, Tensor]) -> np.ndarray:
    """(N,): mean squared error of each draft, in [-1,1], as the decoder makes it in training: the matched palette comes
    later, and no crop has its reference's balance of colours."""

    def errors() -> Iterator[Tensor]:
        for ink, image, reference in zip(
            *(samples[key].split(BATCH) for key in ("ink", "image", "reference")), strict=True
        ):
            content, style = model.encode_content(ink, ink.shape[-1]), model.encode_style(reference)
            draft = model.module.decoder(content.levels, content.ink, style.vectors, style.tokens, style.palette)
            yield (draft[..., : image.shape[-2], : image.shape[-1]].float() - image).square().mean((1, 2, 3))

    return torch.cat(list(errors())).numpy()


def paired_ratio(errors: np.ndarray, first: np.ndarray, picture: np.ndarray) -> Interval:
    """Mean of `errors` over mean of `first`, (N,) both, of the same samples; picture (N,): what each was made of."""
    numbers = np.unique(picture)
    sums = np.array([[errors[picture == n].sum(), first[picture == n].sum()] for n in numbers])
    return bootstrap(lambda which: float(np.divide(*sums[which].sum(0))), len(numbers), draws=1000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train heldout", description=__doc__)
    parser.add_argument("bundles", nargs="+", metavar="BUNDLE", help="the first is what the others are compared with")
    parser.add_argument("--data", required=True, help="folder of pictures")
    parser.add_argument("--inks", required=True, help="ink cache written by train sketches")
    parser.add_argument("--drawings", required=True, help="folder of hand sketches")
    parser.add_argument("--cache", default="", help="folder for decoded pictures")
    parser.add_argument("--samples", type=int, default=240, help="of each kind (default 240)")
    arguments = parser.parse_args()
    records = open_folder(DataConfig(arguments.data, inks=arguments.inks, cache=arguments.cache), "validation")
    held = split_drawings(load_drawings(Path(arguments.drawings)))[1]
    if not held:
        raise TrainError(f"{arguments.drawings} has fewer than 8 drawings that enclose something: none is held out")
    models = {name: SketchToImage.from_pretrained(name) for name in arguments.bundles}
    print("| samples | bundle | error | ratio to the first |\n|---|---|---|---|")
    for kind, shares in KINDS.items():
        samples = held_out_samples(replace(SampleConfig(), **shares), records, held, arguments.samples)
        errors = {name: draft_errors(model, samples) for name, model in models.items()}
        first = errors[arguments.bundles[0]]
        for name, error in errors.items():
            ratio = paired_ratio(error, first, samples["index"].numpy())
            print(f"| {kind} | {name} | {error.mean():.4f} | {ratio.text()} |", flush=True)


if __name__ == "__main__":
    run_command(main)
