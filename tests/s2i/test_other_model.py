"""A style or a content of another model is refused by that name, at the library's door and at the shell's."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from PIL import Image

from s2i.cli.main import main
from s2i.codes.style import StyleCode
from s2i.config import ModelConfig, RefinerConfig
from s2i.errors import S2IError
from s2i.pipeline import SketchToImage
from tools.small_bundles import write_tiny_bundle


def variant(**changes) -> SketchToImage:
    return SketchToImage.from_config(dataclasses.replace(ModelConfig.tiny(), **changes), seed=2)


OTHERS = {
    "another vector": lambda: variant(style_dim=16, refiner=RefinerConfig((8, 16), (1, 1, 1), head=4, style_dim=16)),
    "other tokens": lambda: variant(token_dim=16),
    "no tokens": lambda: variant(attention_levels=0),
    "no palette": lambda: variant(palette=False),
    "another number of levels": lambda: variant(
        widths=(8, 8, 16), encoder_depths=(1, 1, 1), decoder_depths=(1, 1, 1), content_levels=3, attention_levels=2),
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> SketchToImage:
    return SketchToImage.from_config(ModelConfig.tiny(), seed=1)


def ink() -> torch.Tensor:
    drawn = torch.zeros(1, 1, 40, 40)
    drawn[..., 18:21, :] = 1
    return drawn


@pytest.mark.parametrize("other", OTHERS)
def test_a_style_of_another_model_is_said_to_be_one(model, other):
    style = OTHERS[other]().encode_style(torch.rand(1, 3, 40, 40))
    for work in (lambda: model.decode(model.encode_content(ink()), style),
                 lambda: model.refine(torch.zeros(1, 3, 32, 32), ink(), style)):  # fmt: skip
        with pytest.raises(S2IError, match="style was encoded by another model"):
            work()


@pytest.mark.parametrize("changes", [{"widths": (8, 8, 16, 24)}, {"widths": (8, 12, 16, 16)}])
def test_a_content_of_another_model_is_said_to_be_one(model, changes):
    content = variant(**changes).encode_content(ink())
    with pytest.raises(S2IError, match="content was encoded by another model"):
        model.decode(content, model.encode_style(torch.rand(1, 3, 40, 40)))


def test_the_command_line_says_it_in_one_line(tmp_path, capsys):
    bundle = write_tiny_bundle(tmp_path / "tiny.safetensors")
    OTHERS["another vector"]().encode_style(torch.rand(1, 3, 40, 40)).save(tmp_path / "style.safetensors")
    (tmp_path / "in").mkdir()
    Image.fromarray(((1 - ink()[0, 0]) * 255).byte().numpy()).save(tmp_path / "in" / "d.png")
    assert main(["batch", str(tmp_path / "in"), str(tmp_path / "style.safetensors"), "-o", str(tmp_path / "out"),
                 "--model", str(bundle)]) == 1  # fmt: skip
    error = capsys.readouterr().err
    assert "style was encoded by another model" in error and "Traceback" not in error


def test_a_style_survives_its_file(model, tmp_path):
    style = model.encode_style(torch.rand(1, 3, 40, 40))
    style.save(tmp_path / "s.safetensors")
    again = model.decode(model.encode_content(ink()), StyleCode.load(tmp_path / "s.safetensors"))
    assert torch.isfinite(again).all()
