"""An exported model and the steps it is used in, without torch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import S2IError
from ..imaging.pixels.noise import seeded_noise
from .hints import hint_cells, obey_hints, resize_hints
from .ink import lay_lines, resize_ink
from .region_facts import region_facts
from .sidecar import read_sidecar
from .sizes import enlarge, pad_to_multiple, resize_area, working_shape

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
_FLOOR, _NEAR, _LATENT = 0.04, 1.25, 4  # of `palettes.reference_palette`, `steps.refine` and `models.refiner`


@dataclass(frozen=True)
class OnnxStyle:
    """What a reference looks like: vectors (1,L,D), tokens (1,T,C), token_weights (1,T), mean (1,3), root (1,3,3)."""

    vectors: np.ndarray
    tokens: np.ndarray
    token_weights: np.ndarray
    mean: np.ndarray
    root: np.ndarray


class OnnxPainter:
    """What `s2i.pipeline.SketchToImage` is to a bundle, to a folder that `s2i export` wrote.

    `image` is (1,3,H,W) in [-1,1], `ink` (1,1,H,W) in [0,1] with 1 = ink, both float32.
    """

    def __init__(self, folder: str | os.PathLike[str], provider: str = "cpu", threads: int = 0) -> None:
        """provider: a key of `PROVIDERS`. threads: 0 for onnxruntime's own choice. Raises `S2IError`."""
        self.facts, self._files = read_sidecar(Path(folder))
        self._provider, self._threads, self._sessions = _available(provider), threads, {}

    def _run(self, name: str, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        if name not in self._sessions:
            self._sessions[name] = self._open(name)
        try:
            results = self._sessions[name].run(None, feeds)
        except Exception as error:  # each kind of misfit has an exception of onnxruntime's own
            raise S2IError(f"{self._files[name]} failed ({_first_line(error)}): export the model again") from None
        if not all(np.isfinite(result).all() for result in results):
            raise S2IError(f"{self._files[name]} makes NaN or infinite values: the model is broken")
        return results

    def _open(self, name: str) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = self._threads
        path, providers = self._files[name], list({self._provider: 0, PROVIDERS["cpu"]: 0})
        try:
            return onnxruntime.InferenceSession(path, options, providers=providers)
        except Exception as error:  # each kind of damage has an exception of onnxruntime's own
            raise S2IError(f"{path} cannot be run ({_first_line(error)}): export the model again") from None

    def input_shape(self, network: str, name: str) -> list[int | str]:
        """Of a graph's input; a free size is a word."""
        if network not in self._sessions:
            self._sessions[network] = self._open(network)
        return next(list(given.shape) for given in self._sessions[network].get_inputs() if given.name == name)

    def encode_style(self, image: np.ndarray, mask: np.ndarray | None = None) -> OnnxStyle:
        """image (1,3,H,W), mask (1,1,H,W) with 1 = use this part (all of it by default)."""
        (h, w), side, multiple = image.shape[-2:], self.facts["style_size"], self.facts["style_multiple"]
        shrink = min(1.0, side / (h * w) ** 0.5)
        size = tuple(max(2 * multiple, round(n * shrink / multiple) * multiple) for n in (h, w))
        image = resize_area(image, size)
        weight = np.ones((1, 1, *size), np.float32) if mask is None else resize_area(mask, size)
        mean, root = colour_moments(image, weight)
        # What is left out looks like the average of the rest: no network sees past the mask.
        seen = image if mask is None else mean[..., None, None] * (1 - weight) + image * weight
        vectors, tokens, token_weights = self._run("style", {"image": seen, "weight": weight})
        tokens = tokens.astype(np.float16).astype(np.float32)  # what a style file keeps
        return OnnxStyle(vectors, tokens, token_weights, mean, root)

    def draft(
        self,
        ink: np.ndarray,
        style: OnnxStyle,
        seed: int = 0,
        working_size: int | None = None,
        hints: np.ndarray | None = None,
    ) -> np.ndarray:
        """-> (1,3,h,w) in [-1,1] at a short side of `working_size` pixels (the model's own by default).

        hints: (1,4,H,W) of the ink's size, RGB in [-1,1] and coverage in [0,1], whose colours regions take.
        """
        facts = self.facts
        h, w = working_shape(*ink.shape[-2:], working_size or facts["working_size"])
        lines = resize_ink(ink, (h, w))
        padded = pad_to_multiple(lines, facts["multiple"])
        rows, columns = padded.shape[-2:]
        feeds = {"ink": padded, "facts": region_facts(padded, facts["stem"])}
        cells = (rows // facts["stem"], columns // facts["stem"])
        dabs = np.zeros((1, 4, h, w), np.float32) if hints is None else resize_hints(hints, (h, w))
        feeds["hints"] = hint_cells(pad_to_multiple(dabs, facts["multiple"]), cells)
        feeds |= {name: getattr(style, name) for name in ("vectors", "tokens", "token_weights", "mean", "root")}
        for level, stride in enumerate(facts["noise_strides"]):
            feeds[f"noise_{level}"] = seeded_noise((1, 1, rows // stride, columns // stride), seed, level)
        (image,) = self._run("painter", feeds)
        return obey_hints(image[..., :h, :w].clip(-1, 1), lines, dabs)

    def refine(
        self,
        draft: np.ndarray,
        ink: np.ndarray,
        style: OnnxStyle,
        *,
        seed: int = 0,
        size: tuple[int, int] | None = None,
        strength: float = 1.0,
    ) -> np.ndarray:
        """-> (1,3,*size), the ink's size by default: x2 steps until it is reached; strength scales what they add."""
        if not 0 <= strength <= 4:
            raise S2IError(f"strength must be 0..4, found {strength}")
        h, w = size or ink.shape[-2:]
        image, step = draft, 0
        while strength and max(h / image.shape[-2], w / image.shape[-1]) > _NEAR:
            image = self._step(image, ink, style, seed, step, strength)
            step += 1
        if h <= image.shape[-2] and w <= image.shape[-1]:
            return resize_area(image, (h, w))
        return enlarge(image, (h, w)).clip(-1, 1)

    def _step(
        self, image: np.ndarray, ink: np.ndarray, style: OnnxStyle, seed: int, step: int, strength: float
    ) -> np.ndarray:
        facts, (h, w) = self.facts, (2 * n for n in image.shape[-2:])
        multiple = facts["refiner_multiple"]
        cells = (1, facts["refiner_noise"], -(-h // _LATENT), -(-w // _LATENT))
        feeds = {
            "draft": pad_to_multiple(image, multiple // 2, "edge"),
            "ink": pad_to_multiple(resize_ink(ink, (h, w)), multiple),
            "style": np.ascontiguousarray(style.vectors[:, -1]),
            "noise": pad_to_multiple(seeded_noise(cells, seed, facts["refiner_stream"] + step), multiple // _LATENT),
            "strength": np.array([strength], np.float32),
        }
        (image,) = self._run("refiner", feeds)
        return image[..., :h, :w].clip(-1, 1)

    def paint(
        self,
        ink: np.ndarray,
        style: OnnxStyle,
        *,
        seed: int = 0,
        size: tuple[int, int] | None = None,
        working_size: int | None = None,
        strength: float = 1.0,
        line_opacity: float = 0.0,
        hints: np.ndarray | None = None,
    ) -> np.ndarray:
        """All that follows the style."""
        draft = self.draft(ink, style, seed, working_size, hints)
        image = self.refine(draft, ink, style, seed=seed, size=size, strength=strength)
        return lay_lines(image, resize_ink(ink, image.shape[-2:]), line_opacity)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def colour_moments(image: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """image (1,3,H,W), weight (1,1,H,W) -> mean (1,3), covariance root (1,3,3); see `palettes.reference_palette`."""
    pixels, share = image.reshape(3, -1).astype(np.float64), weight.reshape(-1).astype(np.float64)
    share = share / max(share.sum(), 1e-6)
    mean = pixels @ share
    centred = pixels - mean[:, None]
    values, vectors = np.linalg.eigh((centred * share) @ centred.T)
    root = (vectors * np.sqrt(values.clip(_FLOOR**2))) @ vectors.T
    return mean[None].astype(np.float32), root[None].astype(np.float32)


def _available(provider: str) -> str:
    try:
        import onnxruntime
    except ImportError:
        raise S2IError("the package onnxruntime is missing: pip install 'sketch-to-image[onnx]'") from None
    found = onnxruntime.get_available_providers()
    if PROVIDERS[provider] not in found:
        known = ", ".join(name for name, full in PROVIDERS.items() if full in found)
        raise S2IError(f"--provider {provider} is not in this onnxruntime; it has {known}")
    return PROVIDERS[provider]
