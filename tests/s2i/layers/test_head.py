"""The head in bands: the same picture in less memory."""

from __future__ import annotations

import pytest
import torch

from s2i.layers import head
from s2i.layers.head import PixelHead


@pytest.fixture
def parts():
    torch.manual_seed(0)
    return PixelHead(8, 4, 4, width=6), torch.randn(2, 8, 50, 9), torch.randn(2, 4, 200, 36)


def bands(monkeypatch, net, *inputs):
    """-> the output in bands of sixteen rows of cells, and how many there were."""
    monkeypatch.setattr(head, "_BAND", 1)
    calls, whole = [], PixelHead._whole
    monkeypatch.setattr(PixelHead, "_whole", lambda self, *a: calls.append(1) or whole(self, *a))
    with torch.inference_mode():
        return net(*inputs), len(calls)


def test_bands_join_without_a_seam(parts, monkeypatch):
    net, x, guide = parts
    with torch.inference_mode():
        whole = net(x, guide)
    banded, count = bands(monkeypatch, net, x, guide)
    assert count == 4
    torch.testing.assert_close(banded, whole, atol=1e-5, rtol=0)


def test_bands_look_beyond_their_edges(parts, monkeypatch):
    """Without that the seams would show: the first test can fail."""
    net, x, guide = parts
    with torch.inference_mode():
        whole = net(x, guide)
    monkeypatch.setattr(head, "_REACH", 0)
    banded, _ = bands(monkeypatch, net, x, guide)
    assert (banded - whole).abs().max() > 1e-3


def test_training_sees_the_whole(parts, monkeypatch):
    net, x, guide = parts
    monkeypatch.setattr(head, "_BAND", 1)
    monkeypatch.setattr(PixelHead, "_band", None)
    net(x, guide).sum().backward()
    assert net.out.weight.grad is not None
