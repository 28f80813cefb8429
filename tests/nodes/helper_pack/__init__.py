"""Nodes that only tests need, loaded into the test server beside the pack: odd pictures, and a known Hub model."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import comfy.model_management
import torch
from comfy_api.latest import ComfyExtension, io


class Picture(io.ComfyNode):
    """A picture of any batch, size and number of channels; smooth noise, seeded; or NaN."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="T_Picture",
            category="tests",
            inputs=[
                io.Int.Input("batch", default=1),
                io.Int.Input("height", default=64, max=16384),
                io.Int.Input("width", default=64, max=16384),
                io.Int.Input("channels", default=3),
                io.Int.Input("seed", default=0),
                io.Combo.Input("fill", options=["noise", "nan", "white", "sketch"], default="noise"),
            ],
            outputs=[io.Image.Output("image")],
        )

    @classmethod
    def execute(cls, batch, height, width, channels, seed, fill) -> io.NodeOutput:
        if fill == "nan":
            return io.NodeOutput(torch.full((batch, height, width, channels), float("nan")))
        if fill == "white":
            return io.NodeOutput(torch.ones(batch, height, width, channels))
        generator = torch.Generator().manual_seed(seed)
        small = torch.rand(batch, channels, 6, 6, generator=generator)
        if fill == "sketch":
            small = (small[:, :1] > 0.3).float().expand(-1, channels, -1, -1)
        mode = "nearest" if fill == "sketch" else "bilinear"
        image = torch.nn.functional.interpolate(small, (height, width), mode=mode)
        return io.NodeOutput(image.permute(0, 2, 3, 1).contiguous())


class Shade(io.ComfyNode):
    """A mask: the part of the sheet left of `edge` (0..1); 0 is an empty one."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="T_Mask",
            category="tests",
            inputs=[
                io.Int.Input("batch", default=1),
                io.Int.Input("height", default=64),
                io.Int.Input("width", default=64),
                io.Float.Input("edge", default=0.5),
                io.Boolean.Input("flat", default=False, tooltip="(H,W) without a batch"),
            ],
            outputs=[io.Mask.Output("mask")],
        )

    @classmethod
    def execute(cls, batch, height, width, edge, flat) -> io.NodeOutput:
        mask = torch.zeros(batch, height, width)
        mask[..., : round(width * edge)] = 1
        return io.NodeOutput(mask[0] if flat else mask)


class Facts(io.ComfyNode):
    """A tensor's shape, range and dtype as text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="T_Facts",
            category="tests",
            is_output_node=True,
            inputs=[io.AnyType.Input("value")],
        )

    @classmethod
    def execute(cls, value) -> io.NodeOutput:
        if isinstance(value, torch.Tensor):
            facts = {"shape": list(value.shape), "min": float(value.min()), "max": float(value.max()),
                     "mean": value.float().mean((1, 2)).tolist(), "dtype": str(value.dtype),
                     "std": float(value.float().std()), "sum": float(value.double().sum())}
        else:
            facts = {"type": type(value).__name__, "batch": getattr(value, "batch", None)}
        return io.NodeOutput(ui={"facts": [facts]})


class KnowModel(io.ComfyNode):
    """Adds someone/model of the loopback Hub to the table of known models, as a release would."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(node_id="T_KnowModel", category="tests", is_output_node=True, not_idempotent=True)

    @classmethod
    def execute(cls) -> io.NodeOutput:
        hub = _pack_module("s2i.hub")
        hub.KNOWN_MODELS["loopback"] = hub.HubModel("someone/model", "tiny-hub.safetensors")
        return io.NodeOutput()


class StylesRead(io.ComfyNode):
    """How many references the networks have read since this node first ran; `after` only says when to look."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="T_StylesRead",
            category="tests",
            is_output_node=True,
            not_idempotent=True,
            inputs=[io.AnyType.Input("after")],
        )

    @classmethod
    def execute(cls, after) -> io.NodeOutput:
        engine = _pack_module("s2i.pipeline").SketchToImage
        if not hasattr(engine, "styles_read"):
            engine.styles_read, encode = 0, engine.encode_style

            def counted(self, *arguments):
                engine.styles_read += 1
                return encode(self, *arguments)

            engine.encode_style = counted
        return io.NodeOutput(ui={"facts": [{"count": engine.styles_read}]})


class OutOfMemory(io.ComfyNode):
    """How the pack's loop over pictures copes when memory runs out above `fits` pictures at once."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="T_OutOfMemory",
            category="tests",
            is_output_node=True,
            inputs=[io.Int.Input("total", default=10), io.Int.Input("fits", default=3)],
        )

    @classmethod
    def execute(cls, total, fits) -> io.NodeOutput:
        chunks = []

        def work(part: slice) -> torch.Tensor:
            chunks.append(part.stop - part.start)
            if part.stop - part.start > fits:
                raise comfy.model_management.OOM_EXCEPTION("no room")
            return torch.arange(part.start, part.stop).float()[:, None]

        loop = _pack_module("nodes._shared.each_picture")
        result = loop.paint_each(total, work, node_id=None, pixels=4096, device="meta")
        return io.NodeOutput(ui={"facts": [{"chunks": chunks, "result": result[:, 0].tolist()}]})


def _pack_module(name: str):
    named = {n: m for n, m in list(sys.modules.items()) if "sketch-to-image" in Path(n).name}
    pack = next(n for n, m in named.items() if hasattr(m, "comfy_entrypoint"))
    return importlib.import_module(f"{pack}.{name}")


class _Helpers(ComfyExtension):
    async def get_node_list(self):
        return [Picture, Shade, Facts, KnowModel, StylesRead, OutOfMemory]


async def comfy_entrypoint():
    return _Helpers()
