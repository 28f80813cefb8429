"""The commands that paint and draw: sketches and references in, pictures out."""

from __future__ import annotations

from argparse import Namespace
from functools import cache
from pathlib import Path

import torch

from ..codes.content import ContentCode
from ..codes.style import StyleCode
from ..errors import S2IError
from ..imaging.files.picture_files import load_alpha, load_image, load_ink, save_image
from ..imaging.pixels.contact_sheet import contact_sheet, fit_tile
from ..machine.memory import require_memory
from ..pipeline import SketchToImage
from .colour import hints_for, load_hints, recoloured
from .jobs import Report, find_pictures, find_references, run_jobs
from .models import download_progress
from .outputs import output_paths
from .references import read_style, reference_picture
from .result_size import drawing_side, output_size, require_for_painting, require_for_sketching
from .work_split import Process

_SHEET = 30  # bytes of memory a pixel of a contact sheet: its tiles, its rows, and the whole


def load_model(args: Namespace) -> SketchToImage:
    dtype = {"auto": None, "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[args.dtype]
    if args.threads is not None:
        if not 1 <= args.threads <= 1024:
            raise S2IError(f"--threads must be 1 to 1024, found {args.threads}")
        torch.set_num_threads(args.threads)
    try:
        device = torch.device(args.device)
        torch.zeros(1, device=device).cpu()  # "meta" can be made, but holds nothing
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).split("\n")[0]
        raise S2IError(f"--device {args.device} cannot be used here ({reason}): leave it out for the CPU") from None
    return SketchToImage.from_pretrained(args.model, device=device, dtype=dtype, progress=download_progress)


def painted(
    model: SketchToImage, args: Namespace, ink: torch.Tensor, style: StyleCode, content: ContentCode | None = None,
    hints: torch.Tensor | None = None,
) -> torch.Tensor:  # fmt: skip
    """What follows the style, which is read once however many drawings there are."""
    size = output_size(tuple(ink.shape[-2:]), args)
    require_for_painting(size)
    content = model.encode_content(ink, args.working_size, hints_for(hints, ink)) if content is None else content
    draft = model.decode(content, style, seed=args.seed)
    image = model.refine(draft, ink, style, seed=args.seed, size=size, strength=args.strength)
    return model.draw_lines(image, ink, args.line_opacity)


def _names(first: list[Path], second: list[Path]) -> list[str]:
    """sketch, or sketch-reference where there are several references."""
    return [a.stem if len(second) == 1 else f"{a.stem}-{b.stem}" for a in first for b in second]


def read_files(args: Namespace, *pictures: list[Path]) -> list[Path]:
    """Every file that this run reads, none of which it may replace."""
    options = (getattr(args, name, None) for name in ("model", "mask", "hints", "palette"))
    named = [Path(name) for name in options if name]
    return [path for several in (named, *pictures) for path in several]


def result(source: Path, target: Path, image: torch.Tensor) -> dict[str, object]:
    return {"input": str(source), "output": str(target), "width": image.shape[-1], "height": image.shape[-2]}


def paint(args: Namespace) -> Report:
    """Every sketch after every reference."""
    sketches, references = find_pictures([args.sketch], "SKETCH"), find_references([args.reference], "REFERENCE")
    targets = output_paths(_names(sketches, references), args.out, read_files(args, sketches, references))
    model = load_model(args)
    mask = None if args.mask is None else (load_image(args.mask).mean(1, keepdim=True) > 0).float()
    hints = load_hints(args.hints)
    pairs = [(s, r) for s in sketches for r in references]

    @cache
    def style(reference: Path) -> StyleCode:
        return recoloured(read_style(model, reference, mask), args.palette)

    def job(sketch: Path, reference: Path, target: Path) -> dict[str, object]:
        ink = load_ink(sketch, args.polarity, drawing_side(args, model))
        image = painted(model, args, ink, style(reference), hints=hints)
        save_image(image, target, _kept_alpha(sketch, target, image, drawing_side(args, model)))
        return result(sketch, target, image)

    jobs = [(str(s), lambda s=s, r=r, t=t: job(s, r, t)) for (s, r), t in zip(pairs, targets, strict=True)]
    return run_jobs(jobs, args.json)


def _kept_alpha(sketch: Path, target: Path, image: torch.Tensor, at_least: int | None) -> torch.Tensor | None:
    """A sketch with a transparent background usually wants paint everywhere, so its alpha is kept only where the file
    says that part of the sheet does not exist: PNG out, and a cut-out that is mostly opaque."""
    alpha = load_alpha(sketch, at_least)
    if alpha is None or target.suffix.lower() != ".png" or alpha.mean() < 0.5:
        return None
    return torch.nn.functional.interpolate(alpha, image.shape[-2:], mode="bilinear", antialias=True)


def _lines(model: SketchToImage, args: Namespace, photo: Path) -> torch.Tensor:
    picture = load_image(photo)
    require_for_sketching(tuple(picture.shape[-2:]))
    return model.extract_sketch(picture, args.variant, args.line_weight)


def sketch(args: Namespace) -> Report:
    photos = find_pictures([args.photo], "PHOTO")
    targets = output_paths([p.stem for p in photos], args.out, read_files(args, photos))
    model = load_model(args)

    def job(photo: Path, target: Path) -> dict[str, object]:
        ink = _lines(model, args, photo)
        image = (1 - 2 * ink).expand(-1, 3, -1, -1)
        save_image(image, target)
        return result(photo, target, image)

    return run_jobs([(str(p), lambda p=p, t=t: job(p, t)) for p, t in zip(photos, targets, strict=True)], args.json)


def transfer(args: Namespace) -> Report:
    """Style transfer through the sketch: not one pixel of the photo but its lines is used."""
    photos, references = find_pictures([args.photo], "PHOTO"), find_references([args.reference], "REFERENCE")
    targets = output_paths(_names(photos, references), args.out, read_files(args, photos, references))
    model = load_model(args)

    @cache
    def style(reference: Path) -> StyleCode:
        return read_style(model, reference)

    def job(photo: Path, reference: Path, target: Path) -> dict[str, object]:
        ink = _lines(model, args, photo)
        image = painted(model, args, ink, style(reference))
        save_image(image, target)
        return result(photo, target, image)

    pairs = [(p, r) for p in photos for r in references]
    jobs = [(str(p), lambda p=p, r=r, t=t: job(p, r, t)) for (p, r), t in zip(pairs, targets, strict=True)]
    return run_jobs(jobs, args.json)


def mix(args: Namespace) -> Report:
    """One sketch after the weighted average of several references."""
    sketches = find_pictures([args.sketch], "SKETCH")
    references = find_references(args.references, "REFERENCE")
    if args.weights is not None and len(args.weights) != len(references):
        raise S2IError(f"--weights: {len(args.weights)} numbers for {len(references)} references: give one each")
    read = read_files(args, sketches, references)
    targets = output_paths([p.stem for p in sketches], args.out, read)
    kept = None if args.save_style is None else _style_file(args.save_style, read)
    model = load_model(args)
    style = StyleCode.mean([read_style(model, r) for r in references], args.weights)
    if kept is not None:
        style.save(kept)

    def job(path: Path, target: Path) -> dict[str, object]:
        image = painted(model, args, load_ink(path, args.polarity, drawing_side(args, model)), style)
        save_image(image, target)
        return result(path, target, image)

    return run_jobs([(str(p), lambda p=p, t=t: job(p, t)) for p, t in zip(sketches, targets, strict=True)], args.json)


def _style_file(name: str, read: list[Path]) -> Path:
    if not name.lower().endswith(".safetensors"):
        raise S2IError(f"--save-style {name}: a style is kept as {name}.safetensors, name it so")
    return output_paths(["style"], name, read, suffixes=(".safetensors",))[0]


def grid(args: Namespace) -> Report:
    """A contact sheet: sketches down, references across."""
    sketches, references = find_pictures([args.sketches], "SKETCHES"), find_references([args.references], "REFERENCES")
    (target,) = output_paths(["grid"], args.out, read_files(args, sketches, references))
    height, width = (args.tile * (1 + len(several)) for several in (sketches, references))
    require_memory(height * width * _SHEET, f"a sheet of {width}x{height} pixels", "use a smaller --tile")
    model = load_model(args)
    styles: list[StyleCode] = []
    rows: list[list[torch.Tensor | None]] = [[None]]

    def read(path: Path) -> dict[str, object]:
        style = read_style(model, path)
        rows[0].append(fit_tile(reference_picture(path, style, args.tile), args.tile))
        styles.append(style)
        return {"input": str(path)}

    def job(path: Path) -> dict[str, object]:
        ink = load_ink(path, args.polarity, drawing_side(args, model))
        content = model.encode_content(ink, args.working_size)
        lines = (1 - 2 * ink).expand(-1, 3, -1, -1)
        # Each is shrunk before the next is painted: a sheet of large paintings would not fit into memory.
        paintings = (fit_tile(painted(model, args, ink, style, content), args.tile) for style in styles)
        rows.append([fit_tile(lines, args.tile), *paintings])
        return {"input": str(path)}

    columns = run_jobs([(str(p), lambda p=p: read(p)) for p in references], quiet=True)
    if not styles:
        return columns
    report = run_jobs([(str(p), lambda p=p: job(p)) for p in sketches], args.json)
    report.failed = columns.failed + report.failed
    if len(rows) > 1:
        sheet = contact_sheet(rows, args.tile)
        save_image(sheet, target)
        report.done.append(result(Path(args.sketches), target, sheet))
    return report


def batch(args: Namespace) -> Report:
    """One process's part of a large set."""
    from .batch import paint_set

    if args.device == "cuda":  # each process of a machine has an accelerator of its own
        args.device = f"cuda:{Process.here().local}"
    return paint_set(args, load_model(args))
