"""What users type into the node search leads to the nodes that do it. ComfyUI knows the field since 0.11."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

NODES = Path(__file__).parents[2] / "nodes"


def words() -> dict[str, set[str]]:
    """node id -> its search words, as literals in the source."""
    found: dict[str, set[str]] = {}
    for path in NODES.glob("*.py"):
        tree = ast.parse(path.read_text())
        tuples = {
            n.targets[0].id: [e.value for e in n.value.elts]
            for n in tree.body
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Tuple) and isinstance(n.targets[0], ast.Name)
            and all(isinstance(e, ast.Constant) for e in n.value.elts)
        }
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
            named = {k.arg: k.value for k in call.keywords}
            if "node_id" not in named or not {"words", None} & named.keys():
                continue
            name = named["node_id"].value
            searched = named["words"].elts if "words" in named else named[None].args  # a shared schema's, or its own
            found[name] = set()
            for argument in searched:
                if isinstance(argument, ast.Starred):
                    found[name] |= set(tuples[argument.value.id])
                else:
                    found[name].add(argument.value)
    return found


@pytest.mark.parametrize(("typed", "node"), [
    ("colorize", "S2I_SketchToImage"), ("coloring", "S2I_SketchToImage"), ("lineart", "S2I_SketchToImage"),
    ("manga", "S2I_SketchToImage"), ("ink", "S2I_SketchToImage"), ("brush", "S2I_SketchToImage"),
    ("reference", "S2I_SketchToImage"), ("style transfer", "S2I_StyleTransfer"), ("reference", "S2I_EncodeStyle"),
    ("lineart", "S2I_ExtractSketch"), ("ink", "S2I_OverlayLines"), ("coloring", "S2I_ColourHints"),
    ("style transfer", "S2I_LoadStyle"), ("palette", "S2I_Palette"), ("krita", "S2I_ExportLayers"),
])  # fmt: skip
def test_a_word_leads_to_the_node(typed, node):
    assert typed in words()[node]


def test_every_node_has_words():
    assert len(words()) >= 29 and all(words().values())
