"""Nodes, help pages, locales and README tell the same story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.make_docs import (
    BY_HAND,
    PAGES,
    README,
    chinese,
    chinese_page,
    english,
    help_page,
    locale_text,
    node_table,
    ours,
    workflow_table,
)

ROOT = Path(__file__).parents[2]
AGAIN = "run python -m tools.make_docs"


@pytest.fixture(scope="module")
def schemas(comfyui):
    return comfyui.get("/object_info")


def test_every_node_has_its_help_page(schemas):
    assert {p.stem for p in PAGES.glob("*.md")} == set(ours(schemas))
    for name, schema in ours(schemas).items():
        text = (PAGES / f"{name}.md").read_text()
        if name not in BY_HAND:
            assert text == help_page(name, schema), AGAIN
        for word in (schema["display_name"], *schema["output_name"]):
            assert word in text, f"{name}.md does not mention {word}"
        picture = PAGES / "images" / f"{name}.jpg"
        assert f"images/{name}.jpg" in text and picture.stat().st_size > 1000


def test_every_node_has_its_help_page_in_chinese(schemas):
    for name, schema in ours(schemas).items():
        text = (PAGES / name / "zh.md").read_text()
        assert text == chinese_page(name, schema, chinese()[name]), AGAIN
        assert sum("\u4e00" <= c <= "\u9fff" for c in text) > 80, name


def test_english_locale_is_the_schemas(schemas):
    assert (ROOT / "locales/en/nodeDefs.json").read_text() == locale_text(schemas), AGAIN


def test_chinese_locale_is_complete(schemas):
    chinese = json.loads((ROOT / "locales/zh/nodeDefs.json").read_text())
    reference = english(schemas)
    assert chinese.keys() == reference.keys()
    for name, words in reference.items():
        found = chinese[name]
        for group in ("inputs", "outputs"):
            assert found[group].keys() == words[group].keys(), name
        texts = [found["display_name"], found["description"]]
        texts += [t for g in ("inputs", "outputs") for e in found[g].values() for t in (e["name"], e["tooltip"])]
        for text in texts:
            assert any("\u4e00" <= c <= "\u9fff" for c in text), f"{name}: {text!r} is not Chinese"


def test_readme_lists_the_nodes_and_workflows(schemas):
    if not README.is_file():
        pytest.skip("no README yet")
    text = README.read_text()
    assert node_table(schemas) in text, AGAIN
    assert workflow_table() in text, AGAIN
