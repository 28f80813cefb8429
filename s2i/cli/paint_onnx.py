"""`s2i paint --runtime onnx`: what `painting.paint` does, with onnxruntime and without torch."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..codes import style_file
from ..errors import S2IError
from ..imaging.palettes.palette_entries import read_entries
from ..machine.user_path import expand_user
from ..portable import pictures
from ..portable.hints import hints_from_layer, resize_hints
from ..portable.ink import layer_to_ink
from ..portable.painter import OnnxPainter, OnnxStyle, colour_moments
from ..portable.saved_style import load_style
from ..portable.sizes import resize_area
from .jobs import Report, find_pictures, find_references, run_jobs
from .outputs import output_paths
from .result_size import output_size, require_for_painting


def paint(args: Namespace) -> Report:
    """Every sketch after every reference."""
    if args.model is None:
        raise S2IError("--runtime onnx needs --model DIR, a folder that `s2i export BUNDLE --onnx DIR` wrote")
    sketches, references = find_pictures([args.sketch], "SKETCH"), find_references([args.reference], "REFERENCE")
    names = [s.stem if len(references) == 1 else f"{s.stem}-{r.stem}" for s in sketches for r in references]
    options = [Path(name) for name in (args.mask, args.hints, args.palette) if name]
    targets = output_paths(names, args.out, [*sketches, *references, *options])
    hints = None if args.hints is None else hints_from_layer(*pictures.read(args.hints))
    palette = None if args.palette is None else _palette(args.palette)
    model = OnnxPainter(expand_user(args.model), args.provider)

    @cache
    def style(reference: Path) -> OnnxStyle:
        found = _style(model, reference, args.mask)
        return found if palette is None else replace(found, mean=palette[0], root=palette[1])

    def job(sketch: Path, reference: Path, target: Path) -> dict[str, object]:
        image = _painted(model, args, _ink(sketch, args.polarity), style(reference), hints)
        pictures.save(image, target)
        h, w = image.shape[-2:]
        return {"input": str(sketch), "output": str(target), "width": w, "height": h}

    pairs = [(s, r) for s in sketches for r in references]
    jobs = [(str(s), lambda s=s, r=r, t=t: job(s, r, t)) for (s, r), t in zip(pairs, targets, strict=True)]
    return run_jobs(jobs, args.json)


def _painted(
    model: OnnxPainter, args: Namespace, ink: np.ndarray, style: OnnxStyle, hints: np.ndarray | None
) -> np.ndarray:
    size = output_size(tuple(ink.shape[-2:]), args)
    require_for_painting(size)
    hints = None if hints is None else resize_hints(hints, tuple(ink.shape[-2:]))
    return model.paint(ink, style, seed=args.seed, size=size, working_size=args.working_size, strength=args.strength,
                       line_opacity=args.line_opacity, hints=hints)  # fmt: skip


def _style(model: OnnxPainter, path: Path, mask_file: str | None) -> OnnxStyle:
    """The twin of `references.read_style`."""
    if path.suffix.lower() == style_file.SUFFIX:
        if mask_file is not None:
            raise S2IError(f"--mask needs a picture, and {path} is a saved style: leave it out")
        return load_style(model, path)
    image, opaque = pictures.read_reference(path)
    mask = None if mask_file is None else _mask(mask_file, image.shape[-2:])
    return model.encode_style(image, opaque if mask is None else mask if opaque is None else mask * opaque)


def _palette(path: str) -> tuple[np.ndarray, np.ndarray]:
    """The mean and root of a palette's colours, in place of a reference's."""
    entries = read_entries(path)
    colours = np.array(entries.colours, np.float32).T[None, ..., None] * 2 - 1
    return colour_moments(colours, np.array(entries.shares, np.float32)[None, None, :, None])


def _image(path: Path) -> np.ndarray:
    colour, alpha = pictures.read(path)
    return (colour if alpha is None else colour * alpha + 1 - alpha) * 2 - 1


def _ink(path: Path, polarity: str) -> np.ndarray:
    try:
        return layer_to_ink(*pictures.read(path), polarity)
    except S2IError as error:
        raise S2IError(str(error) if str(path) in str(error) else f"{path} {error}") from None


def _mask(path: str, size: tuple[int, int]) -> np.ndarray:
    """White where the reference's style is taken from."""
    mask = resize_area((_image(Path(path)).mean(1, keepdims=True) > 0).astype(np.float32), size)
    if not mask.max() > 0:
        raise S2IError("the reference's mask is empty: paint the part of the reference whose style is wanted")
    return mask
