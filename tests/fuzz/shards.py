"""Shards of drawings as archivers write them, and as nobody should: odd extensions, other bytes, other ends."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from . import desk
from .outcomes import Expect, Outcome, of_library

_NAMES = ("a.png", "b" * 150 + ".png", "\N{SNOWMAN}.png", "../../x.png", "/y.jpg", "a.txt")
_EXTENSIONS = ({}, {"size": "-5"}, {"size": "99999999999999"}, {"size": "x"}, {"mtime": "nan"}, {"path": "../z.png"},
               {"GNU.sparse.map": "0,5", "GNU.sparse.size": "99"}, {"GNU.sparse.map": "abc", "GNU.sparse.size": "9"},
               {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, {"hdrcharset": "BINARY"})  # fmt: skip
_BLOCK = 512


@dataclass(frozen=True)
class ShardCase:
    """gnu: the GNU format, else POSIX with these extensions; flips: bytes that are changed; sums: whether the headers'
    checksums are made right again; keep: the share of the file that is left."""

    gnu: bool
    extensions: int
    flips: tuple[tuple[float, int], ...]
    sums: bool
    keep: float


@st.composite
def shards(draw: st.DrawFn) -> ShardCase:
    flip = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255))
    return ShardCase(
        draw(st.booleans()), draw(st.integers(0, len(_EXTENSIONS) - 1)),
        tuple(draw(st.lists(flip, max_size=4))), draw(st.booleans()), draw(st.sampled_from([1.0] * 6 + [0.3, 0.9])),
    )  # fmt: skip


def packed(case: ShardCase) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT if case.gnu else tarfile.PAX_FORMAT) as shard:
        for name in _NAMES:
            member = tarfile.TarInfo(name)
            member.size, member.pax_headers = 700, dict(_EXTENSIONS[case.extensions])
            shard.addfile(member, io.BytesIO(bytes(700)))
    data = np.frombuffer(held.getvalue(), np.uint8).copy()
    for place, value in case.flips:
        data[int(place * len(data))] = value
    if case.sums:
        for header in data.reshape(-1, _BLOCK):
            if bytes(header[257:262]) == b"ustar":
                header[148:156] = 32
                header[148:156] = np.frombuffer(b"%06o\0 " % int(header.sum(dtype=np.int64)), np.uint8)
    return data.tobytes()[: int(case.keep * len(data))]


def try_shard(case: ShardCase) -> Outcome:
    from s2i.cli.drawing_sets import member_names, read_shard

    path = desk.folder() / "case.tar"
    path.write_bytes(packed(case))
    good = not case.flips and case.keep == 1 and (case.gnu or not case.extensions)

    def work() -> bool:
        found = list(read_shard(path))
        names = member_names([name for name, _ in found])
        inside = not any(name.startswith("/") or ".." in name.split("/") for name in names)
        return inside and len(set(names)) == len(found) and (not good or len(found) == len(_NAMES) - 1)

    return of_library(work, Expect.GOOD if good else Expect.ANY)
