"""Bundles come back bit for bit, and nothing else is taken for one."""

from __future__ import annotations

import json
import struct

import pytest
import torch
from safetensors.torch import save_file

from s2i.config import ModelConfig
from s2i.models.sketch_to_image import SketchToImageModel
from s2i.weights import BundleError, load_bundle, load_into, read_header, save_bundle


@pytest.fixture(scope="module")
def module() -> SketchToImageModel:
    torch.manual_seed(0)
    return SketchToImageModel(ModelConfig.tiny())


def components(module) -> dict:
    return {name: part.state_dict() for name, part in module.named_children()}


@pytest.fixture
def bundle(module, tmp_path):
    path = tmp_path / "tiny.safetensors"
    save_bundle(path, components(module), ModelConfig.tiny(), {"seed": 3, "licence": "mit"})
    return path


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_what_is_saved_is_loaded_bit_for_bit(module, tmp_path, dtype):
    save_bundle(tmp_path / "m.safetensors", components(module), ModelConfig.tiny(), {"a": [1, 2]}, dtype)
    loaded = load_bundle(tmp_path / "m.safetensors")
    assert loaded.config == ModelConfig.tiny() and loaded.provenance == {"a": [1, 2]}
    for name, state in components(module).items():
        assert state.keys() == loaded.components[name].keys()
        for key, value in state.items():
            assert torch.equal(loaded.components[name][key], value.to(dtype))


def test_the_header_is_read_without_the_tensors(bundle):
    size = struct.unpack("<Q", bundle.read_bytes()[:8])[0]
    header_only = bundle.with_name("header.safetensors")
    header_only.write_bytes(bundle.read_bytes()[: 8 + size])
    assert read_header(header_only) == (ModelConfig.tiny(), {"seed": 3, "licence": "mit"})


def test_loading_fills_a_module_made_on_no_device(bundle, module):
    with torch.device("meta"):
        empty = SketchToImageModel(ModelConfig.tiny())
    load_into(empty, load_bundle(bundle), bundle)
    for key, value in module.state_dict().items():
        torch.testing.assert_close(empty.state_dict()[key], value.half().float())


def rewrite(bundle, **metadata) -> None:
    data = bundle.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"].update(metadata)
    text = json.dumps(header).encode()
    bundle.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])


def other_config(**changes) -> str:
    return json.dumps({**ModelConfig.tiny().to_dict(), **changes})


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"format": "gpt"}, "s2i-bundle"),
        ({"format_version": "99"}, "99.*reads 1"),
        ({"config": "{}"}, "missing"),
        ({"config": "not json"}, "header"),
        ({"provenance": "{"}, "header"),
        ({"config": other_config(token_dim=16)}, "shape"),
        ({"config": other_config(palette=False)}, "shape|missing|unexpected"),
    ],
)
def test_a_lying_header_is_found_out(bundle, metadata, message):
    rewrite(bundle, **metadata)
    with pytest.raises(BundleError, match=message) as error:
        loaded = load_bundle(bundle)
        with torch.device("meta"):
            empty = SketchToImageModel(loaded.config)
        load_into(empty, loaded, bundle)
    assert str(bundle) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("keep", [0, 4, 100, 2000, -1])
def test_a_bundle_cut_short_is_refused(bundle, keep):
    bundle.write_bytes(bundle.read_bytes()[:keep])
    with pytest.raises(BundleError, match=r"tiny\.safetensors"):
        load_bundle(bundle)


def test_pickles_are_never_read(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "old.pth")
    with pytest.raises(BundleError, match="pickle"):
        load_bundle(tmp_path / "old.pth")


def test_another_models_safetensors_is_told_apart(tmp_path):
    save_file({"unet.conv.weight": torch.zeros(1)}, tmp_path / "sd.safetensors")
    with pytest.raises(BundleError, match=r"another model's \(unet"):
        load_bundle(tmp_path / "sd.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BundleError, match=r"none\.safetensors does not exist"):
        load_bundle(tmp_path / "none.safetensors")


def test_broken_or_partial_models_are_not_saved(module, tmp_path):
    parts = components(module)
    with pytest.raises(BundleError, match="holds"):
        save_bundle(tmp_path / "x.safetensors", {"decoder": parts["decoder"]}, ModelConfig.tiny(), {})
    key = next(iter(parts["decoder"]))
    parts["decoder"] = {**parts["decoder"], key: torch.full_like(parts["decoder"][key], float("nan"))}
    with pytest.raises(BundleError, match=f"decoder.{key}"):
        save_bundle(tmp_path / "x.safetensors", parts, ModelConfig.tiny(), {})
    assert list(tmp_path.iterdir()) == []
