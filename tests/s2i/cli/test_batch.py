"""Any number of drawings over any number of processes: none lost, none twice, and a kill costs what was in hand."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from s2i.cli.drawing_sets import member_names, pieces, read_shard
from s2i.cli.main import main
from s2i.cli.work_split import Process, shares
from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_image
from tools.small_bundles import write_tiny_bundle

ROOT = Path(__file__).parents[3]
_PATIENCE = 1800  # seconds for what takes one minute of an idle core: machines are shared


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    return str(write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors"))


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)


def drawing(number: int, size: int = 16) -> bytes:
    """A different small drawing for every number."""
    data = np.full((size, size), 255, np.uint8)
    bits = [int(b) for b in f"{number:016b}"]
    data[2, :] = 0
    data[4, : len(bits)] = np.where(bits, 0, 255)[:size]
    held = io.BytesIO()
    Image.fromarray(data).save(held, "PNG", compress_level=1)
    return held.getvalue()


def write_tar(path: Path, members: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as shard:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            shard.addfile(info, io.BytesIO(data))


@pytest.fixture
def desk(tmp_path) -> Path:
    for i in range(12):
        path = tmp_path / "in" / f"d{i % 3}" / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawing(i, 16 if i % 4 else 24))
    Image.new("RGB", (32, 32), (200, 90, 40)).save(tmp_path / "ref.png")
    return tmp_path


def run(desk: Path, bundle: str, *more: str, source: str = "in", out: str = "out") -> int:
    return main(["batch", str(desk / source), str(desk / "ref.png"), "-o", str(desk / out), "--model", bundle, *more])


def painted(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.png")}


def test_a_folder_becomes_a_folder_of_the_same_shape_painted_as_paint_paints(desk, bundle):
    assert run(desk, bundle) == 0
    names = {str(p.relative_to(desk / "in")) for p in (desk / "in").rglob("*.png")}
    assert set(painted(desk / "out")) == names
    one = desk / "in/d1/001.png"
    assert main(["paint", str(one), str(desk / "ref.png"), "-o", str(desk / "one.png"), "--model", bundle]) == 0
    difference = (load_image(desk / "one.png") - load_image(desk / "out/d1/001.png")).abs().max()
    assert difference <= 1.01 * 2 / 255, "one level, from sums in another order"


def test_what_is_there_is_skipped_and_what_is_missing_is_made(desk, bundle):
    assert run(desk, bundle) == 0
    before = {p: p.stat().st_mtime_ns for p in (desk / "out").rglob("*.png")}
    (desk / "out/d0/000.png").unlink()
    assert run(desk, bundle, "--json") == 0
    report = json.loads(_last_json(desk))
    assert report["painted"] == 1 and report["skipped"] == 11 and report["failed"] == []
    after = {p: p.stat().st_mtime_ns for p in (desk / "out").rglob("*.png")}
    assert after.keys() == before.keys() and sum(after[p] != before[p] for p in after) == 1


def _last_json(desk: Path) -> str:
    return (desk / "out/reports/process-00000.json").read_text()


def test_a_bad_drawing_is_reported_and_the_others_of_its_batch_are_painted(desk, bundle, capsys):
    (desk / "in/d0/bad.png").write_bytes(b"no picture")
    Image.new("L", (16, 16), 255).save(desk / "in/d0/blank.png")
    assert run(desk, bundle) == 1
    error = capsys.readouterr().err
    assert "bad.png" in error and "blank.png has no lines" in error and "Traceback" not in error
    assert len(painted(desk / "out")) == 12


def test_shards_become_shards(desk, bundle):
    write_tar(desk / "tars/a.tar", {f"{i:04}.png": drawing(i) for i in range(9)} | {"0003.txt": b"a caption"})
    write_tar(desk / "tars/b.tar", {"../../evil.png": drawing(3), "x.jpg.png": drawing(4), "X.jpg.png": drawing(5)})
    assert run(desk, bundle, source="tars") == 0
    assert sorted(p.name for p in (desk / "out").glob("*.tar")) == ["a.tar", "b.tar"]
    names = [name for name, _ in read_shard(desk / "out/a.tar")]
    assert sorted(names) == [f"{i:04}.png" for i in range(9)]
    others = [name for name, _ in read_shard(desk / "out/b.tar")]
    assert len({n.casefold() for n in others}) == 3 and not any(".." in n for n in others)
    assert not list(desk.parent.glob("evil*"))


def test_a_damaged_shard_is_named_and_leaves_nothing_half(desk, bundle, capsys):
    write_tar(desk / "tars/a.tar", {f"{i:04}.png": drawing(i) for i in range(40)})
    whole = (desk / "tars/a.tar").read_bytes()
    (desk / "tars/b.tar").write_bytes(whole[: len(whole) // 2 + 100])
    (desk / "tars/c.tar").write_bytes(b"junk" * 1000)
    assert run(desk, bundle, source="tars") == 1
    error = capsys.readouterr().err
    assert "b.tar" in error and "c.tar" in error and "Traceback" not in error
    assert [p.name for p in (desk / "out").iterdir() if p.is_file()] == ["a.tar"]


def test_a_shard_whose_extensions_are_nonsense_is_named(desk, bundle, capsys):
    (desk / "tars").mkdir()
    with tarfile.open(desk / "tars/a.tar", "w", format=tarfile.PAX_FORMAT) as shard:
        member = tarfile.TarInfo("0.png")
        member.pax_headers = {"GNU.sparse.map": "abc", "GNU.sparse.size": "9"}
        shard.addfile(member)
    write_tar(desk / "tars/b.tar", {"0.png": drawing(0)})
    assert run(desk, bundle, source="tars") == 1
    assert "a.tar cannot be read" in capsys.readouterr().err and (desk / "out/b.tar").is_file()


def test_the_drawings_themselves_are_never_written_to(desk, bundle, capsys):
    assert run(desk, bundle, out="in") == 1
    assert "would be replaced" in capsys.readouterr().err


def test_what_a_run_painted_into_the_drawings_folder_is_no_drawing(desk, bundle):
    assert run(desk, bundle, out="in/painted") == 0
    assert run(desk, bundle, out="in/painted") == 0
    assert json.loads((desk / "in/painted/reports/process-00000.json").read_text())["skipped"] == 12
    assert len(painted(desk / "in/painted")) == 12


@pytest.mark.parametrize("victim", ["a drawing", "the reference"])
def test_a_painting_that_would_replace_an_input_is_refused(desk, bundle, capsys, victim):
    """It was taken for a painting from before, and the drawing of its name was never painted."""
    if victim == "a drawing":
        (desk / "in/in/d0").mkdir(parents=True)
        (desk / "in/in/d0/000.png").write_bytes(drawing(77))
        code, name = run(desk, bundle, out="."), "in/d0/000.png"
    else:
        (desk / "out/d0").mkdir(parents=True)
        (desk / "ref.png").rename(desk / "out/d0/000.png")
        name = "out/d0/000.png"
        code = main(["batch", str(desk / "in"), str(desk / name), "-o", str(desk / "out"), "--model", bundle])
    error = capsys.readouterr().err
    assert code == 1 and f"would replace {desk / name}, which is an input" in error


def test_an_empty_file_is_no_painting(desk, bundle):
    """What a machine that lost its power may leave of one."""
    (desk / "out/d0").mkdir(parents=True)
    (desk / "out/d0/000.png").write_bytes(b"")
    assert run(desk, bundle) == 0 and len(painted(desk / "out")["d0/000.png"]) > 50


def test_a_painting_that_cannot_be_written_does_not_take_others_with_it(desk, bundle, capsys):
    (desk / "out/d0/000.png").mkdir(parents=True)
    assert run(desk, bundle) == 1
    assert "cannot write" in capsys.readouterr().err and len(list((desk / "out").rglob("*.png"))) == 12
    assert [Path(f["input"]).name for f in json.loads(_last_json(desk))["failed"]] == ["000.png"]


def test_a_disk_that_takes_nothing_stops_the_run(desk, bundle, capsys, monkeypatch):
    def full(image, path, *more):
        raise S2IError(f"cannot write {path} (No space left on device)")

    monkeypatch.setattr("s2i.cli.batch_tally._MOST_UNWRITTEN", 3)
    monkeypatch.setattr("s2i.cli.batch.save_image", full)
    assert run(desk, bundle) == 1
    error = capsys.readouterr().err
    assert error.count("No space") == 3 and "3 results in a row could not be written" in error


def test_work_is_weighed_by_pixels_not_by_bytes(desk):
    Image.new("L", (600, 600), 255).save(desk / "in/blank.png")
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(desk / "in/noise.png")
    (desk / "in/bad.png").write_bytes(bytes(100_000))
    weights = {p.source.name: p.weight for p in pieces(desk / "in", desk / "out")}
    assert (desk / "in/noise.png").stat().st_size > (desk / "in/blank.png").stat().st_size
    assert weights["blank.png"] == 360_000 and weights["noise.png"] == 4096 and weights["bad.png"] == 0


def test_a_drawing_too_large_for_the_machine_is_refused_with_the_number(desk, bundle, capsys, monkeypatch):
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 100_000)
    assert run(desk, bundle) == 1
    error = capsys.readouterr().err
    assert error.count("painting 24x24 pixels takes about 0.0 GB") == 3 and len(painted(desk / "out")) == 9
    assert run(desk, bundle, "--size", "16384", out="large") == 1
    assert "painting 16384x16384 pixels takes about 53.7 GB of memory" in capsys.readouterr().err


def test_several_at_once_that_do_not_fit_are_painted_one_by_one(desk, bundle, monkeypatch):
    monkeypatch.setattr("s2i.machine.memory.free_memory", lambda: 24 * 24 * 201)
    assert run(desk, bundle) == 0 and len(painted(desk / "out")) == 12


def test_large_drawings_do_not_wait_for_one_another(desk, bundle, monkeypatch):
    most = []
    monkeypatch.setattr("s2i.cli.batch._MOST_WAITING", 2 * 16 * 16)
    import s2i.cli.batch as module

    paint_batch = module._paint_batch
    monkeypatch.setattr(module, "_paint_batch", lambda same, *rest: most.append(len(same)) or paint_batch(same, *rest))
    assert run(desk, bundle) == 0 and max(most) == 2


def test_a_small_result_of_a_huge_drawing_reads_it_small(desk, bundle, monkeypatch):
    asked = []
    monkeypatch.setattr("s2i.cli.batch.load_ink", lambda path, polarity, at_least=None: asked.append(at_least))
    run(desk, bundle, "--size", "64")
    assert asked == [128] * 12


def test_what_failed_in_a_shard_is_still_named_after_the_next_start(desk, bundle):
    write_tar(desk / "tars/a.tar", {"0.png": drawing(0), "bad.png": b"no picture"})
    assert run(desk, bundle, source="tars") == 1
    assert run(desk, bundle, source="tars") == 0
    kept = json.loads((desk / "out/reports/a.tar.json").read_text())
    assert [f["input"] for f in kept["failed"]] == ["bad.png"] and "not a picture" in kept["failed"][0]["error"]
    write_tar(desk / "tars/a.tar", {"0.png": drawing(0), "bad.png": drawing(1)})
    (desk / "out/a.tar").unlink()
    assert run(desk, bundle, source="tars") == 0 and not (desk / "out/reports/a.tar.json").exists()


@given(st.lists(st.floats(0, 1e9), max_size=60), st.integers(1, 9))
def test_every_piece_is_done_once_and_the_shares_are_fair(weights, parts):
    split = shares(weights, parts)
    assert sorted(i for part in split for i in part) == list(range(len(weights)))
    loads = [sum(weights[i] for i in part) for part in split]
    best = max(sum(weights) / parts, max(weights, default=0))
    assert max(loads) <= 4 / 3 * best + max(weights, default=0) / 3 + 1e-6


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40), max_size=9))
def test_members_never_meet_and_never_leave_the_folder(names):
    found = member_names(names)
    assert len({n.casefold() for n in found}) == len(names)
    assert not any(n.startswith("/") or ".." in Path(n).parts for n in found)


@pytest.mark.parametrize("environment", [{"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "x"}, {"WORLD_SIZE": "-1"}])
def test_a_contradictory_environment_is_said(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(S2IError, match="WORLD_SIZE"):
        Process.here()


def test_names_do_not_depend_on_who_asks(desk):
    (desk / "in/d0/000.jpg").write_bytes(b"")
    first = [(p.source, p.target) for p in pieces(desk / "in", desk / "out")]
    assert first == [(p.source, p.target) for p in pieces(desk / "in", desk / "out")]
    assert len({t for _, t in first}) == 13


def start(desk: Path, bundle: str, source: str, *more: str, rank: int | None = None) -> subprocess.Popen:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if rank is not None:
        environment |= {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
    command = [sys.executable, "-m", "s2i", "batch", desk / source, desk / "ref.png", "-o", desk / "out",
               "--model", bundle, *more]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def test_ten_thousand_drawings_by_two_processes_and_a_kill(desk, bundle):
    """Ten shards of a thousand; one process is killed in the middle; started again, all are there, each once."""
    for shard in range(10):
        write_tar(desk / f"tars/{shard}.tar",
                  {f"{i:05}.png": drawing(i) for i in range(1000 * shard, 1000 * (shard + 1))})
    running = [start(desk, bundle, "tars", "--batch", "250", rank=rank) for rank in (0, 1)]
    deadline = time.monotonic() + _PATIENCE
    while not list((desk / "out").glob("*.tar")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running[0].send_signal(signal.SIGKILL)
    assert running[0].wait() == -9
    assert running[1].wait(_PATIENCE) == 0, running[1].stderr.read()
    assert len(list((desk / "out").glob("*.tar"))) < 10, "the kill came in the middle"
    again = start(desk, bundle, "tars", "--batch", "250", rank=0)
    assert again.wait(_PATIENCE) == 0, again.stderr.read()
    names = [name for shard in sorted((desk / "out").glob("*.tar")) for name, _ in read_shard(shard)]
    assert sorted(names) == [f"{i:05}.png" for i in range(10_000)]
    assert not list((desk / "out").glob(".s2i-*")), "nothing of the killed process is left"
    reports = [json.loads(p.read_text()) for p in sorted((desk / "out/reports").iterdir())]
    assert len(reports) == 2 and all(r["pictures_per_second"] > 0 for r in reports)


@pytest.mark.parametrize("launcher", ["torchrun", "accelerate launch"])
def test_a_launcher_splits_the_work(desk, bundle, launcher):
    """Several CPU processes: torchrun, as accelerate needs mpirun for them; with GPUs both start them alike."""
    processes = 2 if launcher == "torchrun" else 1
    start = {"torchrun": ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "29611"],
             "accelerate launch": ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1"]}  # fmt: skip
    command = [sys.executable, *start[launcher], "-m", "s2i", "batch", desk / "in", desk / "ref.png", "-o",
               desk / "out", "--model", bundle]  # fmt: skip
    done = subprocess.run(list(map(str, command)), cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
                          capture_output=True, text=True, timeout=_PATIENCE, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    reports = [json.loads(p.read_text()) for p in sorted((desk / "out/reports").iterdir())]
    assert [r["of"] for r in reports] == [processes] * processes and sum(r["painted"] for r in reports) == 12
    assert all(r["painted"] for r in reports) and len(painted(desk / "out")) == 12


def test_an_out_that_is_a_link_to_itself_is_one_line(tmp_path, bundle, capsys):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(drawing(1))
    (tmp_path / "loop").symlink_to("loop")
    reference = "art/references/coast.jpg"
    assert main(["batch", str(tmp_path / "set"), reference, "-o", str(tmp_path / "loop"), "--model", bundle]) == 1
    told = capsys.readouterr().err.strip()
    assert "loop" in told and "Traceback" not in told and len(told.splitlines()) == 1
