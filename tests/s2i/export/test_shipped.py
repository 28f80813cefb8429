"""The shipped model, exported, paints what torch paints: 50 real drawings and references."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
BUNDLES = sorted(Path("s2i/bundled").glob("*.safetensors"))


@pytest.mark.skipif(not BUNDLES, reason="no trained model ships yet")
def test_fifty_paintings_differ_by_less_than_two_steps(tmp_path):
    from s2i import SketchToImage, load_image, load_ink
    from s2i.export.to_onnx import export_onnx
    from s2i.portable.painter import OnnxPainter

    model = SketchToImage.from_pretrained(dtype=torch.float32)
    export_onnx(model, tmp_path)
    painter = OnnxPainter(tmp_path, threads=1)
    inks = [load_ink(path) for path in sorted(Path("art/sketches").glob("*.png"))]
    references = [load_image(path) for path in sorted(Path("art/references").glob("*.jpg"))]
    cases = list(product(range(2), inks, references))[:50]
    worst = 0.0
    for i, (seed, ink, reference) in enumerate(cases):
        style = painter.encode_style(reference.numpy())
        draft = painter.draft(ink.numpy(), style, seed)
        drafted = model.decode(model.encode_content(ink), expected := model.encode_style(reference), seed=seed)
        worst = max(worst, float(np.abs(draft - drafted.numpy()).max()))
        if i % 10 == 0:  # a refined picture takes four times as long
            painted = painter.refine(draft, ink.numpy(), style, seed=seed)
            refined = model.refine(drafted, ink, expected, seed=seed)
            worst = max(worst, float(np.abs(painted - refined.numpy()).max()))
    assert len(cases) == 50
    assert worst * 127.5 <= 2, "steps of 8-bit colour"
