"""`s2i batch`: any number of drawings, over any number of processes and machines.

    s2i batch DRAWINGS REFERENCE -o OUT
    accelerate launch --num_processes 8 -m s2i batch DRAWINGS REFERENCE -o OUT

Processes share nothing but the folders: each takes its part of the same list, skips what is there, and writes whole
files, so that the same command started again goes on where it was killed.
"""

from __future__ import annotations

import io
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..codes.style import StyleCode
from ..errors import S2IError, printable
from ..imaging.layouts import image_to_uint8
from ..imaging.picture_files import ink_from_bytes, load_image, load_ink, save_image
from ..machine.atomic_file import atomic_file, remove_leftovers
from ..machine.user_path import expand_user
from .drawing_sets import Piece, member_names, pieces, read_shard, write_shard
from .jobs import Report, plain_words
from .outputs import make_folder
from .work_split import Process, shares

if TYPE_CHECKING:
    from ..pipeline import SketchToImage

Painter = Callable[[Tensor], Tensor]
_REPORT_EVERY = 30.0  # seconds
_REPORTS = "reports"


@dataclass
class Tally:
    """What one process has done."""

    process: Process
    done: int = 0
    skipped: int = 0
    failed: list[dict[str, object]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    said: float = field(default_factory=time.perf_counter)

    def fail(self, name: str, words: str) -> None:
        self.failed.append({"input": name, "error": words})
        sys.stderr.write(f"s2i: {words}\n")

    def rate(self) -> float:
        """Pictures a second so far."""
        return self.done / max(time.perf_counter() - self.began, 1e-9)

    def say(self, left: int, last: bool = False) -> None:
        if last or time.perf_counter() - self.said > _REPORT_EVERY:
            self.said = time.perf_counter()
            sys.stderr.write(
                f"s2i: process {self.process.rank} of {self.process.world}: {self.done} painted, {self.skipped} were "
                f"there, {len(self.failed)} failed, {left} pieces left, {self.rate():.2f} pictures/s\n"
            )


def paint_set(args: Namespace, model: SketchToImage) -> Report:
    """This process's part of the set."""
    process = Process.here()
    drawings, out = expand_user(args.drawings), expand_user(args.out)
    if out.resolve() == drawings.resolve():
        raise S2IError(f"--out {args.out} is the folder of the drawings, which would be replaced: name another")
    work = pieces(drawings, out)
    mine = [work[i] for i in shares([piece.weight for piece in work], process.world)[process.rank]]
    for folder in sorted({piece.target.parent for piece in mine}):
        make_folder(folder, args.out)
        remove_leftovers(folder)
    tally = Tally(process)
    painter = _painter(model, args, _style(model, args.reference))
    todo = [piece for piece in mine if not piece.target.is_file()]
    tally.skipped = len(mine) - len(todo)
    if todo and todo[0].is_shard:
        _paint_shards(todo, painter, args, tally)
    else:
        _paint_files(todo, painter, args, tally)
    tally.say(0, last=True)
    return _report(tally, out)


def _style(model: SketchToImage, name: str) -> StyleCode:
    path = expand_user(name)
    return StyleCode.load(path) if path.suffix == ".safetensors" else model.encode_style(load_image(path, 1024))


def _painter(model: SketchToImage, args: Namespace, style: StyleCode) -> Painter:
    """ink (B,1,H,W) -> image; one seed for all, so that a drawing is painted as `s2i paint` paints it."""

    def paint(ink: Tensor) -> Tensor:
        h, w = ink.shape[-2:]
        scale = 1.0 if args.size is None else args.size / min(h, w)
        options = {"seed": args.seed, "same_seed": True}
        draft = model.decode(model.encode_content(ink, args.working_size), style, **options)
        size = (round(h * scale), round(w * scale))
        image = model.refine(draft, ink, style, size=size, strength=args.strength, **options)
        return model.draw_lines(image, ink, args.line_opacity)

    return paint


def _in_batches(
    inks: Iterable[tuple[str, Callable[[], Tensor]]], painter: Painter, most: int, tally: Tally
) -> Iterator[tuple[str, Tensor]]:
    """(name, image) of every drawing that can be read and painted; those of one size are painted together.

    Drawings wait for others of their size, up to `most` of one and 8 x `most` in all. A batch that fails is painted
    again one by one, so that one bad drawing does not take others with it.
    """
    waiting: dict[tuple[int, ...], list[tuple[str, Tensor]]] = {}
    for name, read in inks:
        ink = _attempt(read, name, tally)
        if ink is None:
            continue
        same = waiting.setdefault(tuple(ink.shape), [])
        same.append((name, ink))
        if len(same) == most:
            yield from _paint_batch(waiting.pop(tuple(ink.shape)), painter, tally)
        elif sum(map(len, waiting.values())) >= 8 * most:
            yield from _paint_batch(waiting.pop(max(waiting, key=lambda shape: len(waiting[shape]))), painter, tally)
    for same in waiting.values():
        yield from _paint_batch(same, painter, tally)


def _paint_batch(same: list[tuple[str, Tensor]], painter: Painter, tally: Tally) -> Iterator[tuple[str, Tensor]]:
    if len(same) > 1:
        try:
            images = painter(torch.cat([ink for _, ink in same]))
        except (RuntimeError, MemoryError, S2IError):
            images = None
        if images is not None:
            yield from ((name, images[i : i + 1]) for i, (name, _) in enumerate(same))
            return
    for name, ink in same:
        image = _attempt(lambda ink=ink: painter(ink), name, tally)
        if image is not None:
            yield name, image


def _attempt(work: Callable[[], Tensor], name: str, tally: Tally) -> Tensor | None:
    try:
        return work()
    except Exception as error:
        words = plain_words(error)
        if words is None:
            raise
        tally.fail(name, words if isinstance(error, S2IError) else f"{printable(name)}: {words}")
        return None


def _paint_files(todo: list[Piece], painter: Painter, args: Namespace, tally: Tally) -> None:
    targets = {str(piece.source): piece.target for piece in todo}
    inks = ((str(p.source), lambda p=p: load_ink(p.source, args.polarity)) for p in todo)
    for name, image in _in_batches(inks, painter, args.batch, tally):
        save_image(image, targets[name])
        tally.done += 1
        tally.say(len(todo) - tally.done - len(tally.failed))


def _paint_shards(todo: list[Piece], painter: Painter, args: Namespace, tally: Tally) -> None:
    for number, piece in enumerate(todo):
        try:
            _paint_shard(piece, painter, args, tally)
        except S2IError as error:
            tally.fail(str(piece.source), str(error))
        tally.say(len(todo) - number - 1)


def _paint_shard(piece: Piece, painter: Painter, args: Namespace, tally: Tally) -> None:
    """A shard whose every painting is there, or none: what is there need not be looked into again."""
    names = member_names([name for name, _ in read_shard(piece.source)])

    def fill(add: Callable[[str, bytes], None]) -> None:
        members = zip(names, read_shard(piece.source), strict=True)
        inks = (
            (name, lambda data=data, own=own: ink_from_bytes(data, f"{piece.source}: {own}", args.polarity))
            for name, (own, data) in members
        )
        for name, image in _in_batches(inks, painter, args.batch, tally):
            add(name, _png(image))
            tally.done += 1
            tally.say(0)

    write_shard(piece.target, fill)


def _png(image: Tensor) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(image_to_uint8(image)).save(data, "PNG", compress_level=3)
    return data.getvalue()


def _report(tally: Tally, out: Path) -> Report:
    """Kept beside the paintings, one file a process: what a million pictures failed on is read later."""
    facts = {"process": tally.process.rank, "of": tally.process.world, "painted": tally.done,
             "skipped": tally.skipped, "failed": tally.failed,
             "seconds": round(time.perf_counter() - tally.began, 3),
             "pictures_per_second": round(tally.rate(), 3)}  # fmt: skip
    folder = out / _REPORTS
    make_folder(folder, str(out))
    with atomic_file(folder / f"process-{tally.process.rank:05d}.json") as temporary:
        temporary.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return Report(done=[{k: v for k, v in facts.items() if k != "failed"}], failed=tally.failed)
