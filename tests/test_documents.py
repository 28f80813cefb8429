"""What the documents point at exists, and what a user does not need is left out of what is shipped."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "MODEL_CARD.md", "train/README.md", "docs/results.md", "docs/data.md",
             "docs/page.md")
# A path of ours in backticks: it begins with a folder of ours, or is a file at the root.
_PATH = re.compile(r"`((?:nodes|s2i|train|evaluation|bench|browser|tools|tests|art|docs|locales)/[\w./-]*)`")
_LINK = re.compile(r"\]\(([^)#]+?)(?:#[\w-]*)?\)|src=\"([^\"]+)\"")


def tracked_files() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def tracked() -> set[str]:
    """Files in git, and folders that hold one."""
    return {"/".join(f.split("/")[:i]) for f in tracked_files() for i in range(1, f.count("/") + 2)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    found = _PATH.findall((ROOT / document).read_text(encoding="utf-8"))
    missing = [path for path in found if not (ROOT / path).exists()]
    assert not missing, f"{document} names {missing}"
    assert found or document != "CONTRIBUTING.md"


def test_every_module_that_the_code_names_exists():
    """In its comments and docstrings, as a path."""
    module = re.compile(r"(?<![\w./-])(?:(?:nodes|s2i|train|evaluation|bench|tools)/[\w/]+\.py|browser/[\w/-]+\.js)\b")
    files = [p for p in tracked_files() if p.endswith((".py", ".js")) and not p.startswith("tests/")]
    named = [(f, p) for f in files for p in module.findall((ROOT / f).read_text(encoding="utf-8"))]
    assert named and not [(f, p) for f, p in named if not (ROOT / p).exists()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [a or b for a, b in _LINK.findall(text) if not (a or b).startswith(("http", "#"))]
    missing = [t for t in targets if not ((ROOT / document).parent / t).exists()]
    assert not missing, f"{document} links to {missing}"


def test_commands_that_the_documents_name_exist():
    """`python -m train X` and `python -m evaluation X`, wherever they are written."""
    import evaluation.__main__
    import train.__main__

    known = {"train": train.__main__.COMMANDS, "evaluation": evaluation.__main__.COMMANDS}
    texts = [(ROOT / d).read_text(encoding="utf-8") for d in DOCUMENTS]
    named = {pair for text in texts for pair in re.findall(r"python -m (train|evaluation)\s+([a-z_]+)", text)}
    assert named and not [f"{room} {name}" for room, name in sorted(named) if name not in known[room]]


def test_every_command_of_the_shell_is_in_the_readme():
    from s2i.cli.main import build_parser

    (commands,) = (a.choices for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in commands if not re.search(rf"`{name}[ `]", text)]


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    """As it stands, but for the model: a tiny one with random weights."""
    from PIL import Image

    from s2i import SketchToImage
    from s2i.config import ModelConfig

    tiny = SketchToImage.from_config(ModelConfig.tiny())
    monkeypatch.setattr(SketchToImage, "from_pretrained", lambda: tiny)
    monkeypatch.chdir(tmp_path)
    for name, colour in (("sketch.png", "white"), ("coast.jpg", "navy"), ("dusk.jpg", "orange")):
        picture = Image.new("RGB", (64, 48), colour)
        picture.paste("black", (20, 10, 24, 40))
        picture.save(name)
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert {f"{i}.png" for i in range(9)} | {"evening.safetensors"} <= {p.name for p in tmp_path.iterdir()}


def test_the_addresses_that_the_pack_serves_are_in_the_readme():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "nodes").rglob("*.py"))
    served = set(re.findall(r"routes\.\w+\(\"(/s2i/\w+)\"", code))
    named = set(re.findall(r"`GET (/s2i/\w+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert served and served == named


def test_the_first_picture_is_on_the_first_screen():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert next(i for i, line in enumerate(lines) if line.startswith("![")) <= 10


def ignored_by_the_registry() -> list[str]:
    lines = (ROOT / ".comfyignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_pack_keeps_what_it_runs_on_and_leaves_out_the_rest():
    """`.comfyignore` has gitignore's form; here only plain names and folders are used, so that this can be checked."""
    patterns = ignored_by_the_registry()
    assert all(re.fullmatch(r"/?[\w./-]+/?", p) for p in patterns)
    names = {p.strip("/") for p in patterns}
    kept = {"__init__.py", "nodes", "s2i", "web", "locales", "train", "evaluation", "workflows", "subgraphs", "art",
            "pyproject.toml", "requirements.txt", "README.md", "LICENSE", "MODEL_CARD.md"}
    assert not names & kept
    top = {path.split("/")[0] for path in tracked() if path}
    assert top <= names | kept | {".comfyignore", ".gitignore"}, "in neither list"


def test_the_wheel_holds_the_engine_and_its_model(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "s2i", source / "s2i", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    assert names == {p.relative_to(source).as_posix() for p in (source / "s2i").rglob("*") if p.is_file()}
    assert [n for n in names if n.endswith(".safetensors")]
