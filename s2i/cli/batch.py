"""`s2i batch`: any number of drawings, over any number of processes and machines.

    s2i batch DRAWINGS REFERENCE -o OUT
    accelerate launch --num_processes 8 -m s2i batch DRAWINGS REFERENCE -o OUT

Processes share nothing but the folders: each takes its part of the same list, skips what is there, and writes whole
files, so that the same command started again goes on where it was killed.
"""

from __future__ import annotations

import io
import math
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..codes.style import StyleCode
from ..errors import S2IError, printable
from ..imaging.files.picture_files import ink_from_bytes, load_ink, save_image
from ..imaging.pixels.layouts import image_to_uint8
from ..machine.atomic_file import remove_leftovers
from ..machine.user_path import expand_user, real_path
from .batch_tally import Tally
from .drawing_sets import Piece, member_names, pieces, read_shard, write_shard
from .jobs import Report, plain_words
from .outputs import make_folder, refuse_to_replace
from .references import read_style
from .result_size import drawing_side, output_size, require_for_painting
from .work_split import Process, shares

if TYPE_CHECKING:
    from ..pipeline import SketchToImage

Painter = Callable[[Tensor], Tensor]
_BESIDE_PIXELS = 1 << 17  # what a painting costs whatever its size, in pixels of its result
_MOST_WAITING = 1 << 25  # pixels of drawings that wait for others of their size


def paint_set(args: Namespace, model: SketchToImage) -> Report:
    """This process's part of the set."""
    process = Process.here()
    drawings, out = expand_user(args.drawings), expand_user(args.out)
    if real_path(out) == real_path(drawings):
        raise S2IError(f"--out {args.out} is the folder of the drawings, which would be replaced: name another")
    work = pieces(drawings, out, lambda h, w: _cost((h, w), args))
    read = [*(piece.source for piece in work), expand_user(args.reference), *([Path(args.model)] if args.model else [])]
    refuse_to_replace([piece.target for piece in work], read, args.out)
    mine = [work[i] for i in shares([piece.weight for piece in work], process.world)[process.rank]]
    for folder in sorted({piece.target.parent for piece in mine}):
        make_folder(folder, args.out)
        remove_leftovers(folder)
    tally = Tally(process, out)
    painter = _painter(model, args, read_style(model, expand_user(args.reference)))
    todo = [piece for piece in mine if not _is_there(piece.target)]
    tally.skipped = len(mine) - len(todo)
    at_least = drawing_side(args, model)
    if todo and todo[0].is_shard:
        _paint_shards(todo, painter, args, at_least, tally)
    else:
        _paint_files(todo, painter, args, at_least, tally)
    tally.say(0, last=True)
    return tally.report()


def _cost(size: tuple[int, int], args: Namespace) -> float:
    """What painting a drawing of this (H,W) takes, in pixels: the draft's size is always the same, the rest grows."""
    h, w = output_size(size, args)
    return h * w + _BESIDE_PIXELS


def _is_there(target: Path) -> bool:
    """A painting from before. Files are written whole, but a machine that lost its power may have kept the name alone.
    """
    try:
        return target.is_file() and target.stat().st_size > 0
    except OSError:
        return False


def _painter(model: SketchToImage, args: Namespace, style: StyleCode) -> Painter:
    """ink (B,1,H,W) -> image; one seed for all, so that a drawing is painted as `s2i paint` paints it."""

    def paint(ink: Tensor) -> Tensor:
        size = output_size(tuple(ink.shape[-2:]), args)
        require_for_painting(size, len(ink))
        options = {"seed": args.seed, "same_seed": True}
        draft = model.decode(model.encode_content(ink, args.working_size), style, **options)
        image = model.refine(draft, ink, style, size=size, strength=args.strength, **options)
        return model.draw_lines(image, ink, args.line_opacity)

    return paint


def _in_batches(
    inks: Iterable[tuple[str, Callable[[], Tensor]]], painter: Painter, most: int, tally: Tally
) -> Iterator[tuple[str, Tensor]]:
    """(name, image) of every drawing that can be read and painted; those of one size are painted together.

    Drawings wait for others of their size, up to `most` of one, and 8 x `most` or `_MOST_WAITING` pixels in all. A
    batch that fails is painted again one by one, so that one bad drawing does not take others with it.
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
        elif sum(map(len, waiting.values())) >= 8 * most or _pixels(waiting) >= _MOST_WAITING:
            yield from _paint_batch(waiting.pop(max(waiting, key=lambda shape: len(waiting[shape]))), painter, tally)
    for same in waiting.values():
        yield from _paint_batch(same, painter, tally)


def _pixels(waiting: dict[tuple[int, ...], list[tuple[str, Tensor]]]) -> int:
    return sum(math.prod(shape) * len(same) for shape, same in waiting.items())


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


def _paint_files(
    todo: list[Piece], painter: Painter, args: Namespace, at_least: int | None, tally: Tally
) -> None:
    targets = {str(piece.source): piece.target for piece in todo}
    inks = ((str(p.source), lambda p=p: load_ink(p.source, args.polarity, at_least)) for p in todo)
    for name, image in _in_batches(inks, painter, args.batch, tally):
        try:
            save_image(image, targets[name])
        except S2IError as error:
            tally.fail_to_write(name, str(error))
        else:
            tally.succeed()
        tally.say(len(todo) - tally.done - len(tally.failed))


def _paint_shards(
    todo: list[Piece], painter: Painter, args: Namespace, at_least: int | None, tally: Tally
) -> None:
    for number, piece in enumerate(todo):
        try:
            _paint_shard(piece, painter, args, at_least, tally)
        except S2IError as error:
            tally.fail(str(piece.source), str(error))
        tally.say(len(todo) - number - 1)


def _paint_shard(piece: Piece, painter: Painter, args: Namespace, at_least: int | None, tally: Tally) -> None:
    """A shard whose every painting is there, or none: what is there need not be looked into again."""
    names = member_names([name for name, _ in read_shard(piece.source)])

    before = len(tally.failed)

    def ink(data: bytes, own: str) -> Tensor:
        return ink_from_bytes(data, f"{piece.source}: {own}", args.polarity, at_least)

    def fill(add: Callable[[str, bytes], None]) -> None:
        members = zip(names, read_shard(piece.source), strict=True)
        inks = ((name, lambda data=data, own=own: ink(data, own)) for name, (own, data) in members)
        for name, image in _in_batches(inks, painter, args.batch, tally):
            add(name, _png(image))
            tally.succeed()
            tally.say(0)
        tally.keep_failures(piece.target.name, before)

    write_shard(piece.target, fill)


def _png(image: Tensor) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(image_to_uint8(image)).save(data, "PNG", compress_level=3)
    return data.getvalue()
