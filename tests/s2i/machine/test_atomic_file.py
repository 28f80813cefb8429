"""Whole or not at all, and nothing of a killed process stays."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from s2i.machine.atomic_file import atomic_file, remove_leftovers


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(OSError, match="disk full"), atomic_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("ne")
        raise OSError("disk full")
    assert (tmp_path / "a.txt").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
    with atomic_file(tmp_path / "a.txt") as temporary:
        assert temporary.suffix == ".txt" and temporary.parent == tmp_path
        temporary.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new" and len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_process_left_is_removed_and_the_living_ones_stays(tmp_path):
    code = (
        "import os, signal, sys; from s2i.machine.atomic_file import atomic_file\n"
        "with atomic_file(sys.argv[1]) as t: t.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "a.bin"], check=False)
    assert killed.returncode == -9 and len(list(tmp_path.iterdir())) == 1
    with atomic_file(tmp_path / "b.bin") as mine:
        mine.write_text("in progress")
        gone = remove_leftovers(tmp_path)
        assert len(gone) == 1 and mine.is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["b.bin"] and os.getpid()
