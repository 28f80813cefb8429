"""Files of pictures: every mode, format and orientation, drawn on paper or on nothing, whole and damaged."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from . import desk
from .outcomes import Expect, Outcome, of_command, of_library

_WRITABLE = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "jpg": ("L", "RGB", "CMYK"),
    "webp": ("RGB", "RGBA"),
    "tif": ("1", "L", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"),
    "bmp": ("1", "L", "P", "RGB"),
    "gif": ("L", "P"),
}
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_ORIENTED = ("jpg", "tif", "png", "webp")
_JUNK = (
    b"", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n", b"<svg xmlns='x'/>", b"\x89PNG\r\n\x1a\n",
    b"II*\0" + bytes(60), b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"\xff\xd8\xff\xe1\xff\xff", b"<html></html>",
    b"BM" + bytes(99),
)  # fmt: skip


@dataclass(frozen=True)
class PictureCase:
    """drawn: "dark", "light", "dark layer", "light layer" or "blank"; damage: what is done to the bytes."""

    suffix: str
    mode: str
    size: tuple[int, int]
    drawn: str
    orientation: int
    depth: float  # white, in the numbers of a deep file
    damage: tuple[str, float, int]
    as_reference: bool


@st.composite
def pictures(draw: st.DrawFn) -> PictureCase:
    suffix = draw(st.sampled_from(sorted(_WRITABLE)))
    mode = draw(st.sampled_from(_WRITABLE[suffix]))
    side = st.one_of(st.integers(24, 96), st.sampled_from([1, 15, 16, 17, 300]))
    layers = ("dark layer", "light layer") if mode in ("LA", "RGBA") else ()
    depths = {"I;16": (1023, 4095, 65535), "F": (1.0, 1.3, 255.0)}.get(mode, (255,))
    damage = draw(st.one_of(
        st.just(("none", 0.0, 0)),
        st.tuples(st.sampled_from(["cut", "flip", "prefix", "append", "junk", "wrong name"]), st.floats(0, 1),
                  st.integers(0, 2**31)),
    ))  # fmt: skip
    return PictureCase(
        suffix, mode, (draw(side), draw(side)), draw(st.sampled_from(["dark", "light", "blank", *layers])),
        draw(st.integers(1, 8)) if suffix in _ORIENTED else 1, draw(st.sampled_from(depths)), damage,
        draw(st.booleans()),
    )  # fmt: skip


def lines(width: int, height: int) -> np.ndarray:
    """A cross a seventh of the sheet wide, off the middle, (H,W) bool: no turn of it is the cross itself."""
    thick = max(3, min(width, height) // 7)
    drawn = np.zeros((height, width), bool)
    drawn[height // 4 : height // 4 + thick, width // 8 : -(width // 8) or None] = True
    drawn[height // 8 : -(height // 8) or None, width // 3 : width // 3 + thick] = True
    return drawn


def encoded(case: PictureCase) -> bytes:
    """The bytes of the case's file before the damage."""
    width, height = case.size
    drawn = lines(width, height) if case.drawn != "blank" else np.zeros((height, width), bool)
    light = case.drawn.startswith("light")
    values = np.where(drawn == light, 1.0, 0.0)
    if case.mode == "I;16":
        picture = Image.fromarray((values * case.depth).astype(np.uint16))
    elif case.mode == "F":
        picture = Image.fromarray((values * case.depth).astype(np.float32))
    elif case.drawn.endswith("layer"):
        ink = np.full((height, width), 255 if light else 0, np.uint8)
        cover = np.where(drawn, 255, 0).astype(np.uint8)
        picture = Image.fromarray(np.stack([ink, ink, ink, cover], -1)).convert(case.mode)
    else:
        picture = Image.fromarray((values * 255).astype(np.uint8)).convert(case.mode)
    exif = Image.Exif()
    if case.orientation != 1:
        exif[0x0112] = case.orientation
    held = io.BytesIO()
    options = {"exif": exif} if case.orientation != 1 else {}
    lossless = {"lossless": True, "exact": True} if case.suffix == "webp" else {}
    picture.save(held, {"jpg": "JPEG", "tif": "TIFF"}.get(case.suffix, case.suffix.upper()), **options, **lossless)
    return held.getvalue()


def damaged(data: bytes, damage: tuple[str, float, int]) -> bytes:
    kind, where, seed = damage
    if kind == "cut":
        return data[: int(where * len(data))]
    if kind == "flip":
        changed = bytearray(data)
        for position in np.random.default_rng(seed).integers(0, len(data), 1 + int(where * 8)):
            changed[position] ^= 1 << (seed % 8)
        return bytes(changed)
    if kind == "prefix":
        return data[1 + int(where * 16) :]
    if kind == "append":
        return data + b"junk" * (1 + seed % 9)
    return _JUNK[seed % len(_JUNK)] if kind == "junk" else data


def expectation(case: PictureCase) -> Expect:
    kind = case.damage[0]
    if kind in ("cut", "flip", "prefix"):
        return Expect.ANY
    if kind == "junk" or min(case.size) < 16 or (case.drawn == "blank" and not case.as_reference):
        return Expect.BAD
    return Expect.GOOD


def try_picture(case: PictureCase) -> Outcome:
    suffix = "jpg" if case.damage[0] == "wrong name" and case.suffix != "jpg" else case.suffix
    path = desk.folder() / f"case.{suffix}"
    path.write_bytes(damaged(encoded(case), case.damage))
    expect, out = expectation(case), desk.folder() / "painted.png"
    out.unlink(missing_ok=True)
    sheet, reference = (desk.sketch(), path) if case.as_reference else (path, desk.reference())
    if expect is Expect.GOOD and not case.as_reference and case.drawn != "blank":
        outcome = of_library(lambda: _ink_is_right(case, path), expect)
        if outcome is not Outcome.CORRECT:
            return outcome
    size = (40, 48) if case.as_reference else case.size[:: -1 if case.orientation > 4 else 1]
    known = size if expect is Expect.GOOD else None
    flat = case.as_reference and case.drawn == "blank"  # a reference of one colour asks for a painting of one
    return of_command(["paint", str(sheet), str(reference), "-o", str(out), "--model", str(desk.bundle())],
                      lambda: desk.is_a_painting(out, known, 0.0 if flat else 0.5), expect)


def _ink_is_right(case: PictureCase, path: object) -> bool:
    from s2i.imaging.files.picture_files import load_ink

    drawn = Image.fromarray(lines(*case.size))
    turned = drawn.transpose(_TURNS[case.orientation]) if case.orientation in _TURNS else drawn
    wanted, found = np.asarray(turned).astype(bool), load_ink(path)[0, 0].numpy()
    return found.shape == wanted.shape and found[wanted].mean() > 0.75 and found[~wanted].mean() < 0.15
