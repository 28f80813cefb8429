"""`s2i character`: the same figure over many pages. Each of its parts has references of its own, and a mask or dabs of
its key colour say where the part is on a page."""

from __future__ import annotations

import re
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..codes.character_style import character_style
from ..codes.style import StyleCode
from ..errors import S2IError
from ..imaging.files.picture_files import load_image, load_ink, save_image
from ..imaging.files.suffixes import SUFFIXES
from ..imaging.hints.dab_regions import dab_regions, nearest_keys
from ..imaging.ink.line_art import parse_colour
from ..machine.user_path import expand_user
from ..pipeline import SketchToImage
from .colour import hints_for, load_hints
from .jobs import Report, find_pictures, find_references, run_jobs
from .outputs import output_paths
from .painting import load_model, painted, read_files, result
from .references import read_style
from .result_size import drawing_side


@dataclass(frozen=True)
class _Part:
    """references: all of them together are the part's style. key: "#rrggbb", or None where masks say where it is."""

    references: list[Path]
    key: str | None
    masks: Path | None

    @staticmethod
    def of(reference: str, where: str) -> _Part:
        path, colour = expand_user(where), re.fullmatch(r"#?([0-9a-fA-F]{6})", where)
        if colour is None and not path.exists():
            raise S2IError(f"--part {reference} {where}: {where} is neither a mask's file nor a colour such as d03030")
        references = find_references([reference], "--part")
        return _Part(references, None, path) if colour is None else _Part(references, f"#{colour[1].lower()}", None)


def character(args: Namespace) -> Report:
    """Every page, in the styles of the same parts."""
    pages = find_pictures([args.sketch], "SKETCH")
    background = find_references([args.background], "BACKGROUND")
    parts = [_Part.of(*part) for part in args.part]
    dabs = None if args.dabs is None else expand_user(args.dabs)
    if dabs is None and any(part.key for part in parts):
        raise S2IError("--dabs is missing: name the picture that holds the dabs in the parts' key colours")
    beside = [place for place in (dabs, *(part.masks for part in parts)) if place is not None]
    read = [*pages, *background, *(path for part in parts for path in part.references)]
    read += [path for place in beside for path in ([place] if place.is_file() else place.iterdir())]
    targets = output_paths([page.stem for page in pages], args.out, read_files(args, read))
    model = load_model(args)
    base, *styles = (_style(model, references) for references in (background, *(part.references for part in parts)))

    def job(page: Path, target: Path) -> dict[str, object]:
        ink = load_ink(page, args.polarity, drawing_side(args, model))
        regions = _regions(parts, page, ink, dabs)
        image = painted(model, args, ink, character_style(base, styles, regions))
        save_image(image, target)
        return result(page, target, image)

    return run_jobs([(str(p), lambda p=p, t=t: job(p, t)) for p, t in zip(pages, targets, strict=True)], args.json)


def _style(model: SketchToImage, references: list[Path]) -> StyleCode:
    return StyleCode.cat([read_style(model, path) for path in references])


def _regions(parts: list[_Part], page: Path, ink: Tensor, dabs: Path | None) -> Tensor:
    """Where each part is on this page: (1,K,H,W) in [0,1]. A part without a dab is not on it."""
    regions = ink.new_zeros(1, len(parts), *ink.shape[-2:])
    keyed = [i for i, part in enumerate(parts) if part.key]
    if keyed:
        marks = hints_for(load_hints(str(_of_page(dabs, page, "--dabs"))), ink)
        colours = torch.cat([parse_colour(parts[i].key, ink).reshape(1, 3) * 2 - 1 for i in keyed])
        covered = nearest_keys(marks, colours)
        there = [k for k in range(len(keyed)) if covered[:, k].any()]
        regions[:, [keyed[k] for k in there]] = dab_regions(ink, covered[:, there])
    for i, part in enumerate(parts):
        if part.masks is not None:
            mask = (load_image(_of_page(part.masks, page, "--part")).mean(1, keepdim=True) + 1) / 2
            regions[:, i : i + 1] = F.interpolate(mask, ink.shape[-2:], mode="bilinear", antialias=True)
    return regions


def _of_page(place: Path, page: Path, option: str) -> Path:
    """A file serves every page; a folder holds one for each, of the page's name."""
    if not place.is_dir():
        return place
    for path in sorted(place.iterdir()):
        if path.stem == page.stem and path.suffix.lower() in SUFFIXES:
            return path
    raise S2IError(f"{page}: the folder {place} of {option} holds no picture of the name {page.stem}")
