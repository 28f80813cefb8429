"""A folder of pictures as training data: scanned, decoded once, keyed by content, split by artist."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, ImageOps

from s2i.imaging.files.open_picture import open_picture

from ..errors import TrainError
from .array_cache import holds_array, read_array, write_array
from .artists import artist_of
from .ink_cache import index_inks, read_ink

logger = logging.getLogger(__name__)

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"))
SPLITS = ("train", "validation", "test")
LARGEST = 20_000  # pixels; a side longer than this is a mistake or an attack

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Record:
    """One picture. key: SHA-256 of the file. image: (H,W,3) uint8. inks: (K,H,W) uint8, 255 = ink, K variants >= 0."""

    key: str
    image: np.ndarray
    inks: np.ndarray
    artist: str = ""


@dataclass(frozen=True)
class Entry:
    """Where a picture is and what it is called."""

    path: Path
    key: str
    artist: str
    crop: Box | None = None  # (left, top, right, bottom) in pixels


def split_of(artist: str) -> str:
    """"train", "validation" or "test" (80/10/10), by a hash of the name: it never changes as the set grows."""
    number = int(hashlib.sha256(artist.encode()).hexdigest(), 16) % 10
    return SPLITS[0] if number < 8 else SPLITS[number - 7]


def decode(path: Path | IO[bytes], short_side: int, crop: Box | None = None) -> np.ndarray:
    """A picture file, or what lies inside (left, top, right, bottom) -> (H,W,3) uint8 with this short side (smaller
    ones are enlarged); transparency over white."""
    with open_picture(path) as file:
        if max(file.size) > LARGEST:
            raise ValueError(f"larger than {LARGEST} pixels")
        if crop is None:
            file.draft("RGB", (2 * short_side, 2 * short_side))
        picture = ImageOps.exif_transpose(file)
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture)
        elif picture.mode.startswith("I"):
            picture = Image.fromarray((np.asarray(picture).clip(0, 65535) / 257).astype(np.uint8))
        picture = picture.convert("RGB")
    if crop is not None:
        picture = picture.crop(crop)
    scale = short_side / min(picture.size)
    if max(picture.size) * scale > LARGEST:
        raise ValueError("much longer than wide")
    size = tuple(max(short_side, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))


class PictureFolder(Sequence[Record]):
    """The pictures under a folder, nested, in an order that only their contents decide.

    short_side: pictures are resized to it. split: one of `SPLITS`, or None for all. cache: a folder for decoded
    pictures and inks (read when asked for, shared by processes); None keeps them in memory. ink_cache: a folder of
    `<first 16 digits of the key>_<variant>.png`, black on white, as `python -m train sketches` writes it; None where
    there are none. chosen: the files to take, relative to the folder, each with a crop or None for all of it; `split`
    then has no say.

    skipped: (path, reason) of files that look like pictures and are not, duplicates included. Raises `TrainError`
    where nothing is left.
    """

    def __init__(
        self,
        folder: str | Path,
        short_side: int = 384,
        ink_cache: str | Path | None = None,
        split: str | None = "train",
        *,
        cache: str | Path | None = None,
        minimum_side: int = 32,
        chosen: Mapping[str, Box | None] | None = None,
    ) -> None:
        if split is not None and split not in SPLITS:
            raise TrainError(f"split must be one of {', '.join(SPLITS)} or None, not {split!r}")
        self.folder, self.short_side, self.split = Path(folder), short_side, split
        self.ink_cache = Path(ink_cache) if ink_cache else None
        self.cache = Path(cache) if cache else None
        self.minimum_side, self.chosen = minimum_side, chosen
        self.skipped: list[tuple[Path, str]] = []
        self.entries = self._scan()
        self._inks = index_inks(self.ink_cache) if self.ink_cache else {}
        self._memory: dict[int, Record] = {}
        if not self.entries:
            raise TrainError(f"no usable picture in {self.folder}" + (f" for the split {split!r}" if split else "")
                             + f" ({len(self.skipped)} files skipped)")
        if self.skipped:
            shown = "; ".join(f"{p.name}: {reason}" for p, reason in self.skipped[:5])
            logger.warning("%s: %d files skipped (%s%s)", self.folder, len(self.skipped), shown,
                           "; ..." if len(self.skipped) > 5 else "")

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Record:
        """Raises `TrainError` where the picture has been deleted or changed since the folder was read."""
        if index < 0:
            index += len(self.entries)
        if not 0 <= index < len(self.entries):
            raise IndexError(index)
        record = self._memory.get(index)
        if record is None:
            record = self._load(self.entries[index])
            if self.cache is None:
                self._memory[index] = record
        return record

    @property
    def manifest_hash(self) -> str:
        """SHA-256 over the sorted keys: which pictures these are."""
        return hashlib.sha256("".join(sorted(e.key for e in self.entries)).encode()).hexdigest()

    def provenance(self) -> dict[str, Any]:
        return {"pictures": len(self), "manifest_sha256": self.manifest_hash, "split": self.split or "all",
                "short_side": self.short_side}

    # -- reading --------------------------------------------------------------------------------------------------

    def _scan(self) -> list[Entry]:
        if not self.folder.is_dir():
            raise TrainError(f"there is no folder {self.folder}")
        found: dict[str, Entry] = {}
        for path, crop in self._files():
            artist = artist_of(path)
            reason, key = self._examine(path, crop)
            if not reason and key in found:
                reason = f"the same picture as {found[key].path.name}"
            if reason:
                self.skipped.append((path, reason))
            else:
                found[key] = Entry(path, key, artist, crop)
        return [found[key] for key in sorted(found)]

    def _files(self) -> Iterator[tuple[Path, Box | None]]:
        """The files to look at, with their crops."""
        if self.chosen is not None:
            yield from ((self.folder / name, crop) for name, crop in sorted(self.chosen.items()))
            return
        for path in sorted(p for p in self.folder.rglob("*") if p.suffix.lower() in PICTURES and p.is_file()):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if not hidden and self.split in (None, split_of(artist_of(path))):
                yield path, None

    def _examine(self, path: Path, crop: Box | None) -> tuple[str, str]:
        """-> (why the file cannot be used or "", its key). Decodes it once, into the cache where there is one."""
        try:
            if path.exists() and not path.is_file():
                return "not a file", ""  # a pipe would be read for ever
            key = hashlib.sha256(path.read_bytes()).hexdigest()
            cached = self._cached(key, _image_tag(crop))
            if cached is not None and holds_array(cached):
                return "", key
            with open_picture(path) as file:
                if min(file.size) < self.minimum_side:
                    return f"smaller than {self.minimum_side} pixels", key
            image = decode(path, self.short_side, crop)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            return " ".join(str(error).split())[:120] or type(error).__name__, ""
        if cached is not None:
            write_array(cached, image)
        return "", key

    def _cached(self, key: str, kind: str) -> Path | None:
        return self.cache / f"{key[:32]}_{self.short_side}_{kind}.npy" if self.cache else None

    def _load(self, entry: Entry) -> Record:
        path = self._cached(entry.key, _image_tag(entry.crop))
        image = read_array(path) if path is not None else None
        if image is None:
            image = self._decode_again(entry)
            if path is not None:
                write_array(path, image)
        return Record(entry.key, image, self._load_inks(entry, image), entry.artist)

    def _decode_again(self, entry: Entry) -> np.ndarray:
        try:
            data = entry.path.read_bytes()
            if hashlib.sha256(data).hexdigest() != entry.key:
                raise TrainError(f"the picture {entry.path} has changed since the run began: restore it, or start anew")
            return decode(entry.path, self.short_side, entry.crop)
        except OSError as error:
            raise TrainError(f"the picture {entry.path} cannot be read any more ({error}): restore it and "
                             "resume, or train with a cache folder") from error

    def _load_inks(self, entry: Entry, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        files = self._inks.get(entry.key[:16], [])
        if files:
            return np.stack([read_ink(path, size) for path in files])
        return np.zeros((0, *size), np.uint8)


def _image_tag(crop: Box | None) -> str:
    """The name of a decoded picture in the cache."""
    return "image" if crop is None else "image-" + "-".join(map(str, crop))
