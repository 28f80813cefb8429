"""Colours on the command line: hints from a layer, palettes found, kept and applied."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from ..codes.style import StyleCode
from ..imaging.files.decoding import decode
from ..imaging.files.picture_files import load_image
from ..imaging.hints.hint_layer import hints_from_layer
from ..imaging.hints.hints import resize_hints
from ..imaging.palettes.colour_palette import find_palette, load_palette, save_palette
from ..imaging.pixels.layouts import over_white
from .jobs import Report, find_pictures, run_jobs
from .outputs import output_paths


def load_hints(path: str | None) -> Tensor | None:
    """--hints FILE -> hints (1,4,H,W) of the file's size. Raises `S2IError` where it holds no dabs."""
    if path is None:
        return None
    colour, alpha = decode(path)
    return hints_from_layer(over_white(colour, alpha) * 2 - 1 if alpha is None else colour * 2 - 1, alpha)


def hints_for(hints: Tensor | None, ink: Tensor) -> Tensor | None:
    return None if hints is None else resize_hints(hints, tuple(ink.shape[-2:]))


def recoloured(style: StyleCode, path: str | None) -> StyleCode:
    """--palette FILE: the style with these colours and its own brushwork."""
    if path is None:
        return style
    mean, root = (x.to(style.vectors).expand(style.batch, *x.shape[1:]) for x in load_palette(path).moments())
    return style.mix(replace(style, palette_mean=mean, palette_root=root), ["palette"])


def palette(args: Namespace) -> Report:
    """`s2i palette`: the main colours of every picture, each as a GIMP palette."""
    pictures = find_pictures([args.picture], "PICTURE")
    kept = [Path(args.keep)] if args.keep else []
    targets = output_paths([p.stem for p in pictures], args.out, [*kept, *pictures], ".gpl", (".gpl",))
    keep = load_palette(args.keep) if args.keep else None

    def job(picture: Path, target: Path) -> dict[str, object]:
        found = find_palette(load_image(picture), args.count, keep)
        save_palette(found, target)
        return {"input": str(picture), "output": str(target), "palette": found.text()}

    return run_jobs([(str(p), lambda p=p, t=t: job(p, t)) for p, t in zip(pictures, targets, strict=True)], args.json)
