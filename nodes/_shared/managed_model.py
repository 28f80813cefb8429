"""A model under ComfyUI's memory management: it comes to the device when used and leaves when others need the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import comfy.model_management
import comfy.model_patcher

from .style_memory import StyleMemory

if TYPE_CHECKING:
    import torch

    from ...s2i.pipeline import SketchToImage

BYTES_PER_PIXEL = 800  # of output, at the peak of refining


class ManagedModel:
    """All networks of one bundle as one patcher: they are small, and a node uses several of them."""

    def __init__(self, model: SketchToImage, name: str) -> None:
        self.model, self.name, self.styles = model, name, StyleMemory()
        # By attribute: newer ComfyUI rebinds the class when it starts.
        self.patcher = comfy.model_patcher.ModelPatcher(
            model.module,
            load_device=comfy.model_management.get_torch_device(),
            offload_device=comfy.model_management.unet_offload_device(),
        )

    @property
    def device(self) -> torch.device:
        return self.patcher.load_device

    def load(self, pixels: int = 0) -> SketchToImage:
        """The engine on its device, with room for a chunk of so many output pixels. To be called in every execute."""
        comfy.model_management.load_models_gpu(
            [self.patcher], memory_required=pixels * BYTES_PER_PIXEL, force_full_load=True
        )
        return self.model
