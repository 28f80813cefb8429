"""Bundles: one .safetensors file holds a trained model, what it is, and where it came from. Never a pickle."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .config import ModelConfig
from .errors import S2IError
from .machine.atomic_file import atomic_file
from .model_files.bundle_limits import check_config, check_finite, check_provenance, read_table
from .model_files.tensor_header import TensorFileError, TensorHeader, check_tensors, read_tensor_header

FORMAT, FORMAT_VERSION = "s2i-bundle", "2"  # 1: the networks before the adversarial recipe


class BundleError(S2IError):
    """A file is not a bundle that this version can use; the message says what was found and what was expected."""


def components_of(config: ModelConfig) -> tuple[str, ...]:
    """The parts of a bundle, which prefix its keys."""
    trunk = () if config.trunk is None else ("perceptual_trunk",)
    return ("sketch_extractor", "content_encoder", "style_encoder", "decoder", "refiner", *trunk)


@dataclass(frozen=True)
class Bundle:
    config: ModelConfig
    provenance: dict[str, Any]
    components: dict[str, dict[str, Tensor]]


def save_bundle(
    path: str | os.PathLike[str],
    components: dict[str, dict[str, Tensor]],
    config: ModelConfig,
    provenance: dict[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a bundle, whole or not at all. components: state dicts by component name; every one of them is needed."""
    from safetensors.torch import save

    wanted = components_of(config)
    if sorted(components) != sorted(wanted):
        raise BundleError(f"a bundle holds {', '.join(wanted)}; found {', '.join(sorted(components)) or 'nothing'}")
    tensors = {}
    for name, state in components.items():
        for key, value in state.items():
            stored = value.detach().to("cpu", dtype if value.is_floating_point() else value.dtype)
            if not torch.isfinite(stored).all():
                raise BundleError(f"weight {name}.{key} is not finite in {dtype}: this model is broken, do not ship it")
            tensors[f"{name}.{key}"] = stored.contiguous().clone()
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "config": json.dumps(config.to_dict(), sort_keys=True),
        "provenance": json.dumps(provenance, sort_keys=True),
    }
    with atomic_file(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=metadata))


def _metadata(path: Path) -> dict[str, str]:
    """The header's own words, read without touching the tensors."""
    try:
        header = read_tensor_header(path)
        metadata = _own_words(header, path)
        check_tensors(header, path)
    except TensorFileError as error:
        raise BundleError(str(error)) from None
    return metadata


def _own_words(header: TensorHeader, path: Path) -> dict[str, str]:
    metadata = header.metadata
    found = metadata.get("format")
    if found != FORMAT:
        keys = ", ".join(list(header.entries)[:3])
        what = f'its format is "{found}"' if found else f"it is another model's ({keys}, ...)"
        raise BundleError(f'{path} is not an s2i bundle: {what}; expected "{FORMAT}". Make one with train.export')
    if metadata.get("format_version") != FORMAT_VERSION:
        raise BundleError(f"{path} has bundle format version {metadata.get('format_version')}; this version of s2i "
                          f"reads {FORMAT_VERSION}: update s2i or download the model made for it")
    return metadata


def read_header(path: str | os.PathLike[str]) -> tuple[ModelConfig, dict[str, Any]]:
    """-> (config, provenance) of a bundle, without reading its tensors; both within `bundle_limits`."""
    path = Path(path)
    metadata = _metadata(path)
    try:
        settings, provenance = (read_table(metadata.get(name), name) for name in ("config", "provenance"))
        check_config(settings)
        check_provenance(provenance)
        return ModelConfig.from_dict(settings), provenance
    except S2IError as error:
        raise BundleError(f"{path} has a header that does not describe a model: {error}") from None


def load_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Read a whole bundle; tensors stay in the dtype they were saved in."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = Path(path)
    config, provenance = read_header(path)
    try:
        tensors = load_file(path)
        check_finite(tensors)
    except S2IError as error:
        raise BundleError(f"{path}: {error}") from None
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise BundleError(f"{path} cannot be read ({error}): it is damaged or cut short, download it again") from None
    components: dict[str, dict[str, Tensor]] = {name: {} for name in components_of(config)}
    for key, value in tensors.items():
        component, _, name = key.partition(".")
        if component not in components:
            raise BundleError(f"{path} holds a component {component!r}; expected {', '.join(components)}")
        components[component][name] = value
    return Bundle(config, provenance, components)


def load_into(module: nn.Module, bundle: Bundle, path: str | os.PathLike[str]) -> None:
    """Fill a module made from `bundle.config`, checking every key and shape; weights become float32.

    Raises `BundleError` listing what is missing, unexpected or of another shape. The module may be on the meta device.
    """
    state = {f"{c}.{k}": v for c, tensors in bundle.components.items() for k, v in tensors.items()}
    expected = module.state_dict()
    problems = []
    for title, names in (("missing", expected.keys() - state.keys()), ("unexpected", state.keys() - expected.keys())):
        if names:
            problems.append(f"{len(names)} {title} ({', '.join(sorted(names)[:3])}{', ...' * (len(names) > 3)})")
    for name in sorted(expected.keys() & state.keys()):
        if expected[name].shape != state[name].shape:
            found, wanted = tuple(state[name].shape), tuple(expected[name].shape)
            problems.append(f"{name} has the shape {found}, its config asks for {wanted}")
        if expected[name].is_floating_point() != state[name].is_floating_point():
            problems.append(f"{name} is of the type {state[name].dtype}, a model's is {expected[name].dtype}")
    if problems:
        raise BundleError(f"{Path(path)} does not hold the model that its header describes: {'; '.join(problems[:4])}")
    # Copied: a tensor mapped from the file is not aligned, and sums in another order than one that is.
    ready = {k: v.to(torch.float32, copy=True) if v.is_floating_point() else v.clone() for k, v in state.items()}
    module.load_state_dict(ready, assign=True)
