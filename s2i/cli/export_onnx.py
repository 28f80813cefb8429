"""`s2i export`: a bundle becomes ONNX."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import torch

from ..export.to_onnx import export_onnx
from ..machine.user_path import expand_user
from ..pipeline import SketchToImage
from .jobs import Report, write


def export(args: Namespace) -> Report:
    folder = expand_user(args.onnx)
    described = export_onnx(SketchToImage.from_pretrained(args.bundle, dtype=torch.float32), folder)
    if not args.json:
        for name, network in described["networks"].items():
            write(f"{Path(folder) / network['file']}  {network['bytes'] / 1e6:.1f} MB  {name}")
    return Report(done=[{"output": str(folder), "networks": described["networks"]}])
