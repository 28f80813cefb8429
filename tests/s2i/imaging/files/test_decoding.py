"""Files as they come: turned, sixteen bits deep, brighter than white, larger than memory, and not what they say."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.errors import S2IError
from s2i.imaging.files import decoding
from s2i.imaging.files.decoding import decode

H, W = 24, 40
GREY = np.zeros((H, W), np.uint8)
GREY[:, :20], GREY[3:9, 30:36] = 255, 200
KINDS = {"L": GREY, "I;16": GREY.astype(np.uint16) * 257, "F": GREY.astype(np.float32) / 255,
         "RGB": np.stack([GREY, GREY // 2, 255 - GREY], -1), "RGBA": np.stack([GREY] * 4, -1)}  # fmt: skip
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF's number -> Pillow's transposition


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_turned_tiff_is_upright_and_not_sheared(tmp_path, kind, compression, turn):
    picture = Image.fromarray(KINDS[kind])
    exif = picture.getexif()
    exif[0x0112] = turn
    picture.save(tmp_path / "t.tif", exif=exif, compression=compression)
    wanted = np.asarray(picture if turn == 1 else picture.transpose(TURNS[turn])).astype(np.float32)
    wanted = wanted / {"F": 1, "I;16": 65535}.get(kind, 255)
    colour, alpha = decode(tmp_path / "t.tif")
    found = torch.cat([colour, alpha], 1) if kind == "RGBA" else colour if kind == "RGB" else colour[:, :1]
    np.testing.assert_allclose(found[0].permute(1, 2, 0).numpy().squeeze(), wanted, atol=1e-6)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_turned_jpeg_is_what_pillow_makes_of_it(tmp_path, turn):
    from PIL import ImageOps

    picture = Image.fromarray(KINDS["RGB"])
    exif = picture.getexif()
    exif[0x0112] = turn
    picture.save(tmp_path / "t.jpg", exif=exif, quality=95)
    with Image.open(tmp_path / "t.jpg") as again:
        wanted = np.asarray(ImageOps.exif_transpose(again)).astype(np.float32) / 255
    np.testing.assert_allclose(decode(tmp_path / "t.jpg")[0][0].permute(1, 2, 0).numpy(), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "white"),
    [
        (np.array([0, 4095], np.uint16), 1.0),  # twelve bits in sixteen
        (np.array([0, 1020], np.uint16), 0.997),
        (np.array([0, 16383], np.uint16), 1.0),
        (np.array([0, 65535], np.uint16), 1.0),
        (np.array([0, 40000], np.uint16), 0.61),
        (np.array([0, 200], np.uint16), 0.003),  # a dark scan stays dark
        (np.array([0, 0.8], np.float32), 0.8),
        (np.array([0, 1.0], np.float32), 1.0),
        (np.array([-0.2, 1.3], np.float32), 1.0),  # floats above one overshoot, they are not bytes
        (np.array([0, 9.0], np.float32), 1.0),
        (np.array([0, 255.0], np.float32), 1.0),
        (np.array([0, 65535.0], np.float32), 1.0),
        (np.array([0, 255], np.int32), 1.0),
        (np.array([0, 65535], np.int32), 1.0),
        (np.array([0, 2**31 - 1], np.int32), 1.0),
    ],
)
def test_white_is_white_however_deep_the_file(tmp_path, values, white):
    data = np.full((32, 32), values[1], values.dtype)
    data[10:12] = values[0]
    Image.fromarray(data).save(tmp_path / "deep.tif")
    colour = decode(tmp_path / "deep.tif")[0]
    assert float(colour.max()) == pytest.approx(white, abs=0.01) and float(colour.min()) == 0


def test_a_tiff_that_says_how_bright_white_is_is_believed(tmp_path):
    data = np.full((32, 32), 500, np.uint16)
    Image.fromarray(data).save(tmp_path / "said.tif", tiffinfo={281: 1000})
    assert float(decode(tmp_path / "said.tif")[0].mean()) == pytest.approx(0.5, abs=0.01)


def test_the_transparent_value_of_a_sixteen_bit_png(tmp_path):
    data = np.full((32, 32), 65535, np.uint16)
    data[8:16] = 7
    Image.fromarray(data).save(tmp_path / "t.png", transparency=7)
    alpha = decode(tmp_path / "t.png")[1]
    assert alpha is not None and float(alpha[0, 0, 10].max()) == 0 and float(alpha[0, 0, 20].min()) == 1


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\n(MARK) (w) file closefile showpage\n%%EOF\n"


def test_no_other_program_is_ever_started(tmp_path, monkeypatch):
    """An EPS called .png ran Ghostscript, and with it whatever the file said."""
    (tmp_path / "innocent.png").write_bytes(EPS)
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: pytest.fail("a program was started"))
    monkeypatch.setattr(shutil, "which", lambda *a, **k: "/usr/bin/true")
    with pytest.raises(S2IError, match="use PNG"):
        decode(tmp_path / "innocent.png")


def sparse_png(path, side: int, colour_type: int = 0, depth: int = 1) -> None:
    """A blank PNG of side x side pixels in a few kilobytes."""
    row = b"\0" + bytes(-(-side * depth * {0: 1, 2: 3, 6: 4}[colour_type] // 8))
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


PEAK = """
import resource, sys
import torch
from s2i.imaging.files.decoding import decode
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
colour, _ = decode(sys.argv[1], int(sys.argv[2]))
print(min(colour.shape[-2:]), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_small_file_of_a_huge_picture_stays_small(tmp_path):
    """47 KB of PNG, 177 million pixels: it took 6.4 GB."""
    sparse_png(tmp_path / "huge.png", 13_300)
    assert (tmp_path / "huge.png").stat().st_size < 100_000
    done = subprocess.run([sys.executable, "-c", PEAK, tmp_path / "huge.png", "512"], capture_output=True, text=True,
                          check=True)  # fmt: skip
    short, megabytes = map(int, done.stdout.split())
    assert 512 <= short < 1024 and megabytes < 600


def test_what_cannot_fit_is_refused_with_the_number_before_it_is_read(tmp_path, monkeypatch):
    sparse_png(tmp_path / "huge.png", 13_300)
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 10**8)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was read"))
    with pytest.raises(S2IError, match=r"huge\.png has 13300x13300 pixels; .* about \d\.\d GB .* 0\.1 GB"):
        decode(tmp_path / "huge.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_large_picture_read_small_is_the_area_average(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(decoding, "_EASY", 1000)
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 255, (9, 7, 4), dtype=np.uint8))
    smooth = smooth.resize((203, 301), Image.Resampling.BICUBIC)
    picture = smooth.convert("RGB") if suffix == "jpg" else smooth
    picture.save(tmp_path / f"p.{suffix}", quality=97) if suffix == "jpg" else picture.save(tmp_path / f"p.{suffix}")
    small, alpha = decode(tmp_path / f"p.{suffix}", 50)
    assert 50 <= min(small.shape[-2:]) < 100 and (alpha is None) == (suffix == "jpg")
    whole, cover = decode(tmp_path / f"p.{suffix}")
    size = tuple(small.shape[-2:])
    weight = torch.ones_like(whole[:, :1]) if cover is None else cover
    shrink = lambda x: torch.nn.functional.interpolate(x, size, mode="area")  # noqa: E731
    wanted = shrink(whole * weight) / shrink(weight).clamp_min(1e-6)
    assert float((small - wanted).abs().mean()) < 0.02


def test_an_ordinary_picture_is_never_shrunk(tmp_path):
    Image.fromarray(KINDS["RGB"]).save(tmp_path / "p.png")
    assert decode(tmp_path / "p.png", 16)[0].shape == (1, 3, H, W)
