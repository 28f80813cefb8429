"""A bundle's own words reach a model card and a terminal as words, never as commands."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from s2i.bundle import save_bundle
from s2i.cli.main import main
from s2i.config import ModelConfig
from s2i.model_files.model_card import model_card
from s2i.pipeline import SketchToImage

EVIL = "mit\n---\nlicense: other\ngated: true\n<script>alert(1)</script> | [x](http://evil) `a` \x1b[31m\u202e"


@pytest.mark.parametrize("field", ["licence", "name", "filename", "key", "nested"])
def test_no_field_reaches_the_front_matter_or_becomes_a_link(field):
    config = ModelConfig.tiny()
    if field == "name":
        config = dataclasses.replace(config, name=EVIL)
    provenance = {"licence": EVIL if field == "licence" else "MIT", "pictures": 3}
    if field == "key":
        provenance[EVIL] = 1
    if field == "nested":
        provenance["data"] = {EVIL: [EVIL, {EVIL: EVIL}]}
    card = model_card(config, provenance, EVIL if field == "filename" else "m.safetensors")
    front = yaml.safe_load(card.split("---\n")[1])
    assert front == {"license": "other" if field == "licence" else "mit", "pipeline_tag": "image-to-image",
                     "tags": ["sketch-to-image", "style-transfer", "exemplar-based"]}  # fmt: skip
    assert card.count("\n---\n") == 1 and "<script" not in card.replace("\\<", "") and "\x1b" not in card
    assert "](http" not in card.replace("\\]", "").replace("\\[", "") and "\u202e" not in card


def test_info_prints_no_control_characters(tmp_path, capsys):
    model = SketchToImage.from_config(ModelConfig.tiny())
    parts = {name: part.state_dict() for name, part in model.module.named_children()}
    save_bundle(tmp_path / "m.safetensors", parts, model.config, {"licence": EVIL, EVIL: "\x07\x9b2J"})
    assert main(["info", str(tmp_path / "m.safetensors")]) == 0
    shown = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert main(["info", str(tmp_path / "none\x1b[2J.safetensors")]) == 1
    assert all(c.isprintable() or c == "\n" for c in capsys.readouterr().err)
