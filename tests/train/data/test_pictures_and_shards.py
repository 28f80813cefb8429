"""Pictures, inks, samples, shards."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import tarfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from train.data.artists import artist_of
from train.data.pictures import PictureFolder, split_of
from train.data.shards import ShardStream, shard_paths
from train.data.stream import SampleStream
from train.errors import TrainError

ROOT = Path(__file__).parents[3]


def picture(seed, width=60, height=40):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    (root / "deep" / "er").mkdir(parents=True)
    picture(1).save(root / "anna_one.png")
    picture(2, 40, 90).save(root / "deep" / "berta_two.jpg")
    picture(3).convert("L").save(root / "deep" / "er" / "carl_three.webp", lossless=True)
    return root


def test_nested_pictures_of_any_kind_at_one_short_side(folder):
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(folder / "dora_clear.png")
    Image.fromarray(np.full((40, 50), 65535, np.uint16)).save(folder / "emil_deep.png")
    pictures = PictureFolder(folder, 32, split=None)
    assert len(pictures) == 5
    by_artist = {r.artist: r for r in pictures}
    assert all(r.image.dtype == np.uint8 and min(r.image.shape[:2]) == 32 for r in pictures)
    assert by_artist["anna"].image.shape == (32, 48, 3)
    assert by_artist["berta"].image.shape == (72, 32, 3)
    assert by_artist["dora"].image.min() == 255, "transparent is paper"
    assert by_artist["emil"].image.min() == 255, "16 bits are scaled, not cut"
    assert [r.key for r in pictures] == sorted(r.key for r in pictures)


def test_bad_files_are_skipped_counted_and_listed(folder, caplog):
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "words.png").write_text("not a picture")
    (folder / "notes.txt").write_text("not even called one")
    (folder / "cut.png").write_bytes((folder / "anna_one.png").read_bytes()[:2000])
    (folder / "again.png").write_bytes((folder / "anna_one.png").read_bytes())
    Image.new("RGB", (8, 8)).save(folder / "small.png")
    Image.new("RGB", (4000, 33)).save(folder / "strip.png")
    (folder / ".hidden.png").write_bytes(b"")
    pictures = PictureFolder(folder, 400, split=None)
    assert len(pictures) == 3
    reasons = {path.name: reason for path, reason in pictures.skipped}
    assert sorted(reasons) == ["anna_one.png", "cut.png", "empty.jpg", "small.png", "strip.png", "words.png"]
    assert reasons["anna_one.png"] == "the same picture as again.png"
    assert "smaller than 32" in reasons["small.png"]
    assert "6 files skipped" in caplog.text


def test_nothing_usable_is_an_error(tmp_path, folder):
    with pytest.raises(TrainError, match="no usable picture"):
        PictureFolder(tmp_path / "pictures" / "deep" / "er", 32, split=split_other("carl"))
    with pytest.raises(TrainError, match="there is no folder"):
        PictureFolder(tmp_path / "nowhere")


def split_other(artist):
    return next(s for s in ("train", "test") if s != split_of(artist))


def test_splits_are_by_artist_disjoint_and_stable(tmp_path):
    for i in range(40):
        picture(i, 33, 33).save(tmp_path / f"artist{i // 2}_{i}.png")
    splits = {s: PictureFolder(tmp_path, 32, split=s) for s in ("train", "validation", "test")}
    artists = {s: {r.artist for r in f} for s, f in splits.items()}
    assert sum(len(f) for f in splits.values()) == 40
    assert not artists["train"] & (artists["validation"] | artists["test"])
    assert all(len([r for r in f if r.artist == a]) == 2 for s, f in splits.items() for a in artists[s])
    assert [split_of(f"painter-{i}") for i in range(1000)].count("train") in range(750, 850)
    assert artist_of(tmp_path / "Adolph-Menzel_das.jpg") == "adolph-menzel"


def test_the_cache_outlives_the_pictures_and_is_read_when_asked_for(folder, tmp_path):
    before = [r.image.copy() for r in PictureFolder(folder, 32, split=None, cache=tmp_path / "cache")]
    pictures = PictureFolder(folder, 32, split=None, cache=tmp_path / "cache")
    for entry in pictures.entries:
        entry.path.unlink()
    assert all(np.array_equal(a, r.image) for a, r in zip(before, pictures, strict=True))
    assert pictures[0] is not pictures[0] and not isinstance(pictures[0].image, np.memmap), "neither kept nor mapped"


def test_a_deleted_or_changed_picture_is_named(folder):
    pictures = PictureFolder(folder, 32, split=None)
    picture(99).save(pictures.entries[0].path)
    with pytest.raises(TrainError, match=f"{pictures.entries[0].path.name} has changed"):
        pictures[0]
    pictures.entries[1].path.unlink()
    with pytest.raises(TrainError, match=f"{pictures.entries[1].path.name} cannot be read any more"):
        pictures[1]


def test_inks_come_by_content_not_by_name_or_place(folder, tmp_path):
    pictures = PictureFolder(folder, 32, split=None)
    inks = tmp_path / "inks"
    inks.mkdir()
    for number, record in enumerate(pictures):
        for variant in range(2):
            grey = np.full(record.image.shape[:2], 255, np.uint8)
            grey[number + 1, :] = 100 * variant
            Image.fromarray(grey).save(inks / f"{record.key[:16]}_{variant:02d}.png")
    for i, path in enumerate(sorted(folder.rglob("*_*.*"))):
        path.rename(folder / f"z{9 - i}_renamed{path.suffix}")
    for number, record in enumerate(PictureFolder(folder, 32, inks, split=None)):
        assert record.inks.shape == (2, *record.image.shape[:2])
        assert record.inks[0, number + 1].min() == 255, "black on white becomes ink"
        assert record.inks[1, number + 1].max() == 155
        assert record.inks[:, number + 2].max() == 0


def test_the_manifest_is_of_contents(folder):
    first = PictureFolder(folder, 32, split=None).manifest_hash
    (folder / "anna_one.png").rename(folder / "deep" / "anna_moved.png")
    assert PictureFolder(folder, 32, split=None).manifest_hash == first
    picture(50).save(folder / "new.png")
    assert PictureFolder(folder, 32, split=None).manifest_hash != first


# -- streams --------------------------------------------------------------------------------------------------------


def draw(dataset, i, rng):
    return {"value": torch.tensor(rng.random()), "index": torch.tensor(int(rng.integers(len(dataset))))}


def values(batches, count):
    return torch.cat([b["value"] for b in islice(batches, count)])


@pytest.mark.parametrize("workers", [0, 2])
def test_sample_i_depends_on_seed_and_i_only(workers):
    stream = SampleStream([1, 2, 3], draw, seed=5, batch=4, workers=workers)
    straight = values(stream.batches(), 5)
    assert torch.equal(straight, torch.stack([stream.sample(i)["value"] for i in range(20)]))
    assert torch.equal(values(stream.batches(8), 3), straight[8:20])
    assert len(set(straight.tolist())) == 20
    assert not torch.equal(values(SampleStream([1, 2, 3], draw, seed=6, batch=4, workers=0).batches(), 5), straight)


def test_processes_share_the_samples_out():
    one = SampleStream([1, 2, 3], draw, batch=6, workers=0)
    two = SampleStream([1, 2, 3], draw, batch=3, workers=0)
    whole = next(one.batches(12))["sample"]
    halves = [next(two.batches(12, rank, 2))["sample"] for rank in (0, 1)]
    assert sorted(torch.cat(halves).tolist()) == whole.tolist() == list(range(12, 18))


def test_a_stream_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    next(SampleStream([1, 2, 3], draw, batch=2, workers=1).batches())
    assert torch.equal(torch.get_rng_state(), before)


def test_a_worker_outlives_the_groups_signal_and_not_its_own():
    """SIGTERM and Ctrl-C go to the whole group, and the checkpoint that they ask for needs its workers. A second
    SIGTERM is the worker's own: nothing may be left that cannot be ended."""
    code = ("import time; from train.data.stream import quiet_worker; quiet_worker(0); print('up', flush=True);"
            "[time.sleep(0.05) for _ in range(600)]")
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert worker.stdout.readline() == b"up\n"
        for number in (signal.SIGINT, signal.SIGTERM):
            worker.send_signal(number)
            time.sleep(0.3)
            assert worker.poll() is None
        worker.terminate()
        assert worker.wait(timeout=10) == -signal.SIGTERM
    finally:
        worker.kill()


# -- shards ---------------------------------------------------------------------------------------------------------


def write_shard(path, members):
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def encoded(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def shards(tmp_path):
    for shard in range(4):
        members = []
        for i in range(5):
            members.append((f"artist_{shard}-{i}.png", encoded(picture(shard * 10 + i))))
            members.append((f"artist_{shard}-{i}.0.ink.png", encoded(Image.new("L", (60, 40), shard))))
        members.append((f"broken_{shard}.png", b"not a picture"))
        members.append((f"broken_{shard}.txt", b"nor this"))
        write_shard(tmp_path / f"set-{shard:03d}.tar", members)
    return tmp_path


def make(records):
    def sample(dataset, i, rng):
        record = dataset[i % len(dataset)]
        assert record.inks.shape == (1, *record.image.shape[:2])
        return {"value": torch.tensor(record.image.astype(np.float64).mean() + rng.random() * 1e-3),
                "index": torch.tensor(i % len(dataset)), "shard": torch.tensor(255 - int(record.inks.max()))}

    return sample


def shard_stream(shards, **settings):
    return ShardStream(shard_paths(str(shards)), make, short_side=32, **{"batch": 2, "workers": 0, "chunk": 4,
                                                                         "passes": 2, **settings})


def test_every_picture_of_every_shard_comes(shards):
    batches = list(islice(shard_stream(shards).batches(), 24))
    assert len(set(torch.cat([b["index"] for b in batches]).tolist())) == 20, "numbers are the pictures' own"


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("done", [1, 2, 7])
def test_shards_resume_where_they_were(shards, workers, done):
    stream = shard_stream(shards, workers=workers)
    straight = values(stream.batches(), done + 6)
    assert torch.equal(values(stream.batches(done * 2), 6), straight[done * 2:])


def test_processes_and_workers_read_different_shards(shards):
    seen = []
    for rank in (0, 1):
        batches = list(islice(shard_stream(shards, workers=2).batches(0, rank, 2), 8))
        seen.append(set(torch.cat([b["shard"] for b in batches]).tolist()))
    assert seen[0] | seen[1] == {0, 1, 2, 3}
    assert not seen[0] & seen[1]


def test_too_few_shards_is_an_error_and_so_is_none(shards, tmp_path):
    with pytest.raises(TrainError, match="use fewer workers"):
        list(islice(shard_stream(shards, batch=1).lane(4, 5, 0), 1))
    (tmp_path / "none").mkdir()
    with pytest.raises(TrainError, match=r"no \.tar shards"):
        shard_paths(str(tmp_path / "none"))
