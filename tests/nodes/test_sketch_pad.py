"""The Sketch Pad's server side, through the real server: what a drawing becomes, and what a bad one says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from s2i.imaging.strokes.drawing import Drawing
from tools.comfyui_client import RunError

LINE = {"s": 80, "p": [500, 2560, 4000, 0]}
RUB = {"s": 600, "p": [2560, 1000, 0, 3000], "e": 1}


def prompt(drawing, width=512, height=512):
    pad = {"width": width, "height": height, "drawing": drawing}
    return {
        "1": {"class_type": "S2I_SketchPad", "inputs": pad},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        "3": {"class_type": "MaskToImage", "inputs": {"mask": ["1", 1]}},
        "4": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}},
    }


def drawing(*strokes):
    return json.dumps({"version": 1, "width": 512, "height": 512, "strokes": list(strokes)})


@pytest.mark.parametrize("size", [(512, 512), (768, 320)])
def test_lines_are_black_on_white_and_the_mask_is_the_ink(comfyui, size):
    width, height = size
    text = drawing(LINE, RUB)
    run = comfyui.run(prompt(text, width, height))
    (sketch,), (mask,) = comfyui.pictures(run, "2"), comfyui.pictures(run, "4")
    sketch, mask = np.asarray(sketch.convert("RGB")).astype(int), np.asarray(mask.convert("L")).astype(int)
    assert sketch.shape == (height, width, 3) and (np.ptp(sketch, axis=2) == 0).all()
    ink = Drawing.from_json(text).render(height, width)[0, 0].numpy() * 255
    assert np.abs(mask - ink).max() <= 1 and np.abs(255 - sketch[..., 0] - ink).max() <= 1
    assert sketch.min() == 0 and sketch[height // 2, width // 2].min() == 255  # a line, rubbed out in the middle


def test_a_blank_sheet_is_white(comfyui):
    run = comfyui.run(prompt(""))
    assert np.asarray(comfyui.pictures(run, "2")[0]).min() == 255


def test_a_bad_drawing_is_one_sentence_and_the_server_lives(comfyui):
    with pytest.raises(RunError) as error:
        comfyui.run(prompt('{"strokes": 3}'))
    assert error.value.node == "1" and "strokes" in str(error.value) and "\n" not in str(error.value)
    assert comfyui.alive()
    assert np.asarray(comfyui.pictures(comfyui.run(prompt(drawing(LINE))), "2")[0]).min() == 0
