"""The house rules that a machine can check: imports point one way, files stay small, nothing dangerous."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[1]
# Each room and the rooms that it may import.
ARROWS = {
    "s2i": (),
    "nodes": ("s2i",),
    "evaluation": ("s2i",),
    "train": ("s2i", "evaluation"),
    "bench": ("s2i", "evaluation"),
    "tools": ("s2i", "evaluation"),
}


def modules(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if "__pycache__" not in p.parts)


def imports(path: Path, everywhere: bool = True) -> set[str]:
    """Absolute names of what a file imports; relative ones resolved from the root. everywhere=False: only what runs
    when the module is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if everywhere else _at_import(tree)
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found |= {stem} | {f"{stem}.{alias.name}" for alias in node.names}
    return found


def _at_import(tree: ast.Module):
    """Statements outside functions and outside `if TYPE_CHECKING`."""
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if guarded or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]


def top(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


# -- the module graph -----------------------------------------------------------------------------------------------


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def module_graph() -> dict[str, set[str]]:
    """Every module of ours -> the modules of ours that it imports anywhere, type annotations included."""
    files = {name_of(path): path for room in ARROWS for path in modules(room)}

    def known(name: str) -> str | None:
        """The module that `name`, which may be something inside one, is or belongs to."""
        parent = name.rpartition(".")[0]
        return name if name in files else parent if parent in files else None

    graph = {}
    for name, path in files.items():
        found = {known(n) for n in imports(path)} - {None, name}
        # `from .package import module` names both; only the module is meant.
        graph[name] = {n for n in found if not any(other.startswith(f"{n}.") for other in found)}
    return graph


def arrows_between_rooms(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    rooms = {(a.split(".")[0], b.split(".")[0]) for a, targets in graph.items() for b in targets}
    return {(a, b) for a, b in rooms if a != b}


def test_arrows_between_rooms_point_one_way():
    allowed = {(room, target) for room, targets in ARROWS.items() for target in targets}
    wrong = arrows_between_rooms(module_graph()) - allowed
    assert not wrong, f"not allowed: {sorted(wrong)}; what is: {ARROWS}"
    assert ("train", "s2i") in arrows_between_rooms(module_graph()), "the graph sees nothing"


def test_inside_training_the_engine_stands_below_and_the_stages_on_top():
    floors = {"errors": 0, "engine": 1, "frozen_nets": 2, "critics": 2, "losses": 2, "data": 2, "stages": 3}
    arrows = {(a.split(".")[1], b.split(".")[1]) for a, bs in module_graph().items() for b in bs
              if a.startswith("train.") and b.startswith("train.")}
    assert not [(a, b) for a, b in arrows if a in floors and a != b and floors.get(b, 4) >= floors[a]]


def test_no_modules_import_each_other():
    TopologicalSorter(module_graph()).prepare()  # raises a CycleError that lists the circle


def inside(room: str, graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """What stands directly in a room, folders and files, and which of them import which."""
    found: dict[str, set[str]] = {}

    def child(name: str) -> str:
        return name.removeprefix(f"{room}.").split(".")[0]

    for name, targets in graph.items():
        if name.startswith(f"{room}."):
            here = {child(n) for n in targets if n.startswith(f"{room}.")} - {child(name)}
            found.setdefault(child(name), set()).update(here)
    return found


@pytest.mark.parametrize("room", [*ARROWS, "s2i.imaging"])
def test_what_stands_in_a_room_stands_in_one_order(room):
    """Two folders that use each other are one, or a file lies in the wrong one."""
    TopologicalSorter(inside(room, module_graph())).prepare()


def test_two_folders_that_use_each_other_would_be_found():
    graph = {"s2i.codes.style": {"s2i.steps.decode"}, "s2i.steps.refine": {"s2i.codes.style"}}
    with pytest.raises(CycleError):
        TopologicalSorter(inside("s2i", graph)).prepare()


def test_a_circle_would_be_found():
    with pytest.raises(CycleError):
        TopologicalSorter({**module_graph(), "s2i.errors": {"s2i.pipeline"}}).prepare()


def test_no_room_is_over_a_quarter_of_the_code():
    lines: Counter[str] = Counter()
    for room in ARROWS:
        for path in modules(room):
            lines[path.parent.relative_to(ROOT).as_posix()] += len(path.read_text(encoding="utf-8").splitlines())
    room, count = lines.most_common(1)[0]
    assert count <= lines.total() / 4, f"{room} has {count} of {lines.total()} lines"


@pytest.mark.parametrize("path", modules("s2i"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_needs_no_host_and_no_trainer(path):
    used = top(imports(path))
    assert not used & {"comfy", "comfy_api", "folder_paths", "torchvision", "accelerate", "pickle", "dill"}
    if path.name != "hub.py":
        assert "huggingface_hub" not in used
    assert "huggingface_hub" not in top(imports(path, everywhere=False))


@pytest.mark.parametrize("room", [room for room in ARROWS if room != "nodes"])
def test_only_the_nodes_know_comfyui(room):
    for path in modules(room):
        assert not top(imports(path)) & {"comfy", "comfy_api", "folder_paths"}, path


@pytest.mark.parametrize("path", modules("nodes"), ids=lambda p: str(p.relative_to(ROOT)))
def test_nodes_import_nothing_by_our_own_name(path):
    absolute = {n.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import)
                for n in node.names}
    assert not top(absolute) & {"s2i", "nodes"}, "the pack is loaded by path: only relative imports find it"


@pytest.mark.parametrize("path", modules("s2i/layers"), ids=lambda p: p.name)
def test_layers_import_nothing_of_ours_but_layers_and_pure_functions(path):
    assert all(n.startswith(("s2i.layers", "s2i.imaging")) for n in imports(path) if n.startswith("s2i."))


@pytest.mark.parametrize("path", modules("s2i/imaging"), ids=lambda p: p.name)
def test_imaging_is_pure_functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [n.name for n in tree.body if isinstance(n, ast.ClassDef) and "Module" in map(ast.unparse, n.bases)]
    allowed = ("s2i.imaging", "s2i.errors", "s2i.machine")
    assert all(n.startswith(allowed) for n in imports(path) if n.startswith("s2i."))


@pytest.mark.parametrize("path", modules("s2i/models"), ids=lambda p: p.name)
def test_models_stand_on_layers_and_config(path):
    allowed = ("s2i.models", "s2i.layers", "s2i.config", "s2i.imaging")
    assert all(n == "s2i" or n.startswith(allowed) for n in imports(path) if n.startswith("s2i"))


@pytest.mark.parametrize("path", modules("s2i"), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_command_line_imports_the_command_line(path):
    if path.parent.name != "cli" and path.name != "__main__.py":
        assert not any(n.startswith("s2i.cli") for n in imports(path))


# -- files and functions --------------------------------------------------------------------------------------------


def scripts_and_styles(room: str) -> list[Path]:
    """What browsers read of ours, without what npm fetched."""
    return [path for kind in ("*.js", "*.css") for path in sorted((ROOT / room).rglob(kind))
            if "node_modules" not in path.parts]


@pytest.mark.parametrize("room", [*ARROWS, "web", "browser"])
def test_files_hold_one_idea(room):
    files = modules(room) if room in ARROWS else scripts_and_styles(room)
    assert files and not [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 250]
    assert not [path for path in files if path.stem in ("utils", "core", "helpers", "misc", "common")]


@pytest.mark.parametrize("path", modules("s2i") + modules("nodes"), ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_are_read_at_a_glance(path):
    """About forty lines; a node's schema is a table and may be longer."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and node.name not in ("define_schema", "build_parser"):
            assert node.end_lineno - node.lineno < 60, f"{node.name} has {node.end_lineno - node.lineno + 1} lines"


@pytest.mark.parametrize("path", modules("s2i") + modules("nodes") + modules("train"),
                         ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_unpickled_or_run_from_text(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "torch.load", "os.system")
            assert path.parts[-2:-1] != ("s2i",) or called != "print", "the command line writes to its own streams"
            assert not any(k.arg == "shell" and ast.unparse(k.value) == "True" for k in node.keywords)


@pytest.mark.parametrize("path", modules("s2i"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_imports_on_every_system(path):
    """`resource`, `fcntl` and the like do not exist on Windows: only inside functions, where their lack is met."""
    assert not top(imports(path, everywhere=False)) & {"resource", "fcntl", "pwd", "grp", "termios"}


def test_the_pack_imports_nothing_at_module_level():
    assert top(imports(ROOT / "__init__.py", everywhere=False)) <= {"__future__", "logging"}


def test_importing_the_engine_costs_next_to_nothing():
    code = ("import time, torch; t = time.perf_counter(); import s2i; a = time.perf_counter() - t;"
            "import sys; assert 'huggingface_hub' not in sys.modules and 'PIL' not in sys.modules; print(a)")
    times = [float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                                  check=True).stdout) for _ in range(3)]
    assert min(times) < 0.1


def test_the_wheel_holds_the_engine_only():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == ["s2i*"]
    assert "comfyui" not in project["project"]["name"].lower()


def test_versions_agree():
    import s2i

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == s2i.__version__


def test_no_large_files_are_tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        assert not path.is_file() or path.stat().st_size < 45e6, name  # the budget of the bundled weights


@pytest.mark.parametrize("room", ARROWS)
def test_files_are_written_whole_in_one_way(room):
    """`os.replace` is for `machine/atomic_file.py`, and for the Hub's part files, which a later attempt takes up."""
    for path in modules(room):
        if path.relative_to(ROOT).as_posix() not in ("s2i/machine/atomic_file.py", "s2i/hub.py"):
            assert "os.replace(" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("path", [*modules("s2i"), *modules("train"), *modules("nodes")],
                         ids=lambda p: str(p.relative_to(ROOT)))  # fmt: skip
def test_pictures_are_opened_in_one_place(path):
    """`Image.open` by itself tries every format that Pillow knows, and one of them runs another program."""
    if path.name == "open_picture.py":
        return
    calls = [ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    own = path.match("train/data/recipes/art.py")  # reads back what it has just encoded
    assert calls.count("Image.open") <= int(own) and not {"PIL.Image.open", "ImageFile.Parser"} & set(calls)
