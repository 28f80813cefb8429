"""Bundles come back bit for bit, and nothing else is taken for one."""

from __future__ import annotations

import json
import math
import re
import struct
import subprocess
import sys
import time

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from s2i.bundle import FORMAT_VERSION, BundleError, load_bundle, load_into, read_header, save_bundle
from s2i.config import ModelConfig
from s2i.model_files.skip_init import skip_init
from s2i.models.sketch_to_image import SketchToImageModel


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
    garbage = bundle.with_name("garbage.safetensors")
    data = bundle.read_bytes()
    garbage.write_bytes(data[: 8 + size] + b"\xff" * (len(data) - 8 - size))
    assert read_header(garbage) == (ModelConfig.tiny(), {"seed": 3, "licence": "mit"})


def test_loading_fills_a_module_made_on_no_device(bundle, module):
    with torch.device("meta"):
        empty = SketchToImageModel(ModelConfig.tiny())
    load_into(empty, load_bundle(bundle), bundle)
    for key, value in module.state_dict().items():
        torch.testing.assert_close(empty.state_dict()[key], value.half().float())


def test_loading_draws_no_weights_to_throw_away(bundle):
    """On the meta device torch imports its compiler for them: a second of every start."""
    code = ("import sys; from s2i.pipeline import SketchToImage; "
            "SketchToImage.from_pretrained(sys.argv[1]); sys.exit('torch._dynamo' in sys.modules)")
    subprocess.run([sys.executable, "-c", code, bundle], check=True)
    with skip_init():
        empty = SketchToImageModel(ModelConfig.tiny())
    assert all(p.is_meta for p in empty.parameters()) and not torch.nn.Linear(2, 2).weight.is_meta


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
        ({"format_version": "99"}, "99.*reads 2"),
        ({"config": "{}"}, "missing"),
        ({"config": "not json"}, "header"),
        ({"provenance": "{"}, "header"),
        ({"config": other_config(token_dim=16)}, "shape"),
        ({"config": other_config(encoder_depths=[10_000] * 4)}, "config.encoder_depths is 10000, must be 0 to 64"),
        ({"config": other_config(working_size=100_000)}, "config.working_size is 100000, must be 16 to 2048"),
        ({"config": other_config(working_size=0)}, "config.working_size is 0"),
        ({"config": other_config(widths=[1 << 20] * 4)}, "config.widths is 1048576"),
        ({"config": other_config(widths=[8] * 1000)}, "config.widths has 1000 entries"),
        ({"config": other_config(style_size=-5)}, "config.style_size is -5"),
        ({"config": other_config(name="\x1b[31mred")}, "config.name is not a short text"),
        ({"config": other_config(name="x" * 10_000)}, "config.name is not a short text"),
        ({"config": other_config(palette="yes")}, "palette"),
        ({"config": other_config(stem=10**4000)}, "beyond all numbers"),
        ({"config": "[" * 100_000}, "config is not JSON"),
        ({"config": "[1, 2]"}, "config is not a table"),
        ({"config": json.dumps({"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}})}, "nested too deeply"),
        ({"provenance": json.dumps({"a": "x" * 10**6})}, "provenance is too long"),
        ({"provenance": '{"a":' * 50 + "1" + "}" * 50}, "provenance is too long or nested"),
        ({"config": other_config(hints=False)}, "unexpected"),
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


def with_header(path, header: dict, data: bytes = b"") -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


OURS = {"format": "s2i-bundle", "format_version": FORMAT_VERSION, "provenance": "{}"}
CONFIG = json.dumps(ModelConfig.tiny().to_dict())


def tensor(shape, dtype="F32", offsets=None):
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets or [0, 4 * math.prod(shape)]}


HOSTILE = {
    "two gigabytes of one layer": ({"decoder.w": tensor([1 << 29])}, "decoder.w alone is"),
    "a tensor of nothing much": ({"decoder.w": tensor([1 << 40, 1 << 40])}, "decoder.w has no usable shape|numbers"),
    "offsets that lie": ({"decoder.w": tensor([4], offsets=[0, 12])}, "other bytes"),
    "offsets beyond the file": ({"decoder.w": tensor([4], offsets=[1 << 40, (1 << 40) + 16])}, "its header says"),
    "negative shapes": ({"decoder.w": tensor([-4])}, "no usable shape"),
    "a shape of text": ({"decoder.w": {"dtype": "F32", "shape": "large", "data_offsets": [0, 4]}}, "no usable shape"),
    "an unknown type": ({"decoder.w": tensor([4], "F8_E4M3")}, "of the type 'F8_E4M3'"),
    "a type that is a list": ({"decoder.w": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}, "type"),
    "a tensor that is a number": ({"decoder.w": 3}, "not described"),
    "a million tensors": ({f"decoder.{i}": tensor([1]) for i in range(9000)}, "9000 tensors"),
    "config that is a number": ({"__metadata__": {**OURS, "config": 3}}, "damaged header"),
    "no config": ({"__metadata__": OURS}, "config is missing"),
    "metadata that is a list": ({"__metadata__": [1]}, "damaged header"),
    "JSON of one bracket, a million times": (b"[" * 1_000_000, "damaged header"),
    "not UTF-8": (b"{\xff\xfe}", "damaged header"),
}


@pytest.mark.parametrize(("header", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_is_one_line_that_names_the_file_and_costs_nothing(tmp_path, header, message):
    path = tmp_path / "evil.safetensors"
    if isinstance(header, dict):
        header = {"__metadata__": {**OURS, "config": CONFIG}, **header}
    with_header(path, header)
    began = time.perf_counter()
    with pytest.raises(BundleError, match=message) as error:
        load_bundle(path)
    assert "evil.safetensors" in str(error.value) and "\n" not in str(error.value) and len(str(error.value)) < 400
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_weight_that_is_no_number_is_named_when_it_is_loaded(bundle, value):
    tensors = load_file(bundle)
    key = sorted(k for k, v in tensors.items() if v.is_floating_point())[3]
    tensors[key].view(-1)[0] = value
    with safe_open(bundle, framework="pt") as file:
        save_file(tensors, bundle, metadata=file.metadata())
    with pytest.raises(BundleError, match=f"{re.escape(key)} holds 1 NaN or infinite"):
        load_bundle(bundle)


def test_whole_numbers_are_no_weights(bundle, module):
    tensors = {k: v.int() for k, v in load_file(bundle).items()}
    with safe_open(bundle, framework="pt") as file:
        save_file(tensors, bundle, metadata=file.metadata())
    with torch.device("meta"):
        empty = SketchToImageModel(ModelConfig.tiny())
    with pytest.raises(BundleError, match=r"of the type torch\.int32"):
        load_into(empty, load_bundle(bundle), bundle)


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
