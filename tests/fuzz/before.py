"""`python -m tests.fuzz.before --cases 9000 --processes 2`: the same inputs on the code before this work.

An older commit's engine is laid out in a temporary folder with today's strategies beside it, under the names that
these look for. Node inputs are left out: there was no door to try without ComfyUI. Command lines whose command or
option did not exist then are not counted. All options but --commit are those of `python -m tests.fuzz`.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_COMMIT = "32589c3"
_AREAS = ("pictures", "model files", "style files", "drawings", "arguments")  # it knew no shards
# Run when that commit's engine is imported: its modules under today's names.
_NAMES = '''

import sys as _sys
from importlib import import_module as _module
from types import ModuleType as _Module

for _room in ("s2i.imaging", "s2i.imaging.files", "s2i.imaging.strokes"):
    _sys.modules[_room] = _Module(_room)
for _new, _old in {"s2i.imaging.files.picture_files": "images", "s2i.imaging.strokes.drawing": "drawing"}.items():
    _sys.modules[_new] = _module(f"s2i.{_old}")
_module("s2i.drawing").Drawing.render_hints = lambda self, height, width: None
_sys.modules["s2i.cli.main"] = _Module("s2i.cli.main")


def _main(arguments):
    from hypothesis import reject
    from s2i.cli import main

    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    return reject() if code == 2 else code


_sys.modules["s2i.cli.main"].main = _main
'''
_SMALL_BUNDLES = '''
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage
from s2i.weights import COMPONENTS, save_bundle


def write_tiny_bundle(path, seed=0):
    model = SketchToImage.from_config(ModelConfig.tiny(), seed=seed)
    parts = {name: getattr(model.module, name).state_dict() for name in COMPONENTS}
    save_bundle(path, parts, model.config, {"name": f"tiny-{seed}", "weights": "random"})
    return path
'''


def lay_out(commit: str, folder: Path) -> None:
    packed = subprocess.run(["git", "-C", _ROOT, "archive", commit, "s2i"], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    with (folder / "s2i" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(_NAMES)
    shutil.copytree(_ROOT / "tests" / "fuzz", folder / "tests" / "fuzz", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tools").mkdir()
    (folder / "tools" / "small_bundles.py").write_text(_SMALL_BUNDLES, encoding="utf-8")


def main() -> int:
    options, commit = sys.argv[1:], _COMMIT
    if "--commit" in options:
        place = options.index("--commit")
        commit = options[place + 1]
        del options[place : place + 2]
    if "--areas" not in options:
        options += ["--areas", *_AREAS]
    with tempfile.TemporaryDirectory(prefix="s2i-before-") as folder:
        lay_out(commit, Path(folder))
        options = [str(Path(o).resolve()) if options[i - 1] == "--out" else o for i, o in enumerate(options)]
        environment = {**os.environ, "PYTHONPATH": folder}
        return subprocess.run([sys.executable, "-m", "tests.fuzz", *options], cwd=folder, env=environment,
                              check=False).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
