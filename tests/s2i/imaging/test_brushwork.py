"""A reference's own strokes: taken where it is calm, laid by a seed and by colour, the same at every size."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from s2i.imaging.brushwork import PATCHES, lay_brushwork, measure_brushwork

SIDE = 32


def painting(seed: int = 0, h: int = 256, w: int = 320, strokes: float = 0.2) -> torch.Tensor:
    """A gradient from dark to light with fine grain all over it."""
    grain = torch.randn(1, 3, h, w, generator=torch.Generator().manual_seed(seed)) * strokes
    return grain + torch.linspace(-0.6, 0.6, w).expand(1, 3, h, w)


def measured(image: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    return measure_brushwork(image, torch.ones_like(image[:, :1]) if mask is None else mask, SIDE)


def test_patches_run_from_dark_to_light_over_the_whole_picture():
    patches = measured(painting())
    tones = patches.mean((2, 3, 4))[0]
    assert patches.shape == (1, PATCHES, 3, SIDE, SIDE)
    assert (tones.unflatten(0, (16, -1)).mean(1).diff() >= 0).all() and tones[0] < -0.4 and tones[-1] > 0.4


def test_strokes_keep_their_strength_and_flat_paint_has_none():
    laid = lay_brushwork(measured(painting()), torch.zeros(1, 3, 256, 256), (256, 256), [0])
    assert laid.std().item() == pytest.approx(0.2, rel=0.15) and laid.mean().abs() < 0.02
    flat = lay_brushwork(measured(painting(strokes=0)), torch.zeros(1, 3, 256, 256), (256, 256), [0])
    assert flat.abs().max() < 0.03, "a gradient is a form, not a stroke"


def test_an_edge_of_the_reference_is_no_brushwork():
    image = painting(strokes=0.05)
    image[..., 100:110, 40:280] = 1.0
    assert (measured(image) - measured(image).mean((3, 4), keepdim=True)).abs().max() < 0.4


def test_only_the_masked_part_gives_strokes():
    image = torch.cat([painting(w=192) * 0.2 - 0.7, painting(w=192) * 0.2 + 0.7], 3)
    mask = torch.zeros(1, 1, 256, 384)
    mask[..., 192:] = 1
    assert measured(image, mask).mean((2, 3, 4)).min() > 0.4


def test_paint_lands_on_what_has_its_colour():
    light, dark = painting(strokes=0.3), painting(strokes=0.02)
    image = torch.cat([dark * 0.1 - 0.8, light * 0.1 + 0.8 + (light - dark)], 3)
    picture = torch.full((1, 3, 256, 256), -0.8)
    picture[..., 128:] = 0.8
    laid = lay_brushwork(measured(image), picture, (256, 256), [3])
    assert laid[..., 160:].std() > 3 * laid[..., :96].std()


def test_the_strokes_are_the_same_at_every_size():
    patches, picture = measured(painting()), painting(h=64, w=96)
    small, large = (lay_brushwork(patches, picture, (64 * k, 96 * k), [1]) for k in (1, 4))
    shrunk = F.avg_pool2d(large, 4)
    likeness = torch.corrcoef(torch.stack([shrunk.flatten(), small.flatten()]))[0, 1]
    assert large.shape[-2:] == (256, 384) and likeness > 0.9


def test_a_seed_decides_and_a_batch_does_not():
    patches, picture = measured(painting()).expand(3, -1, -1, -1, -1), painting(h=64, w=64).expand(3, -1, -1, -1)
    together = lay_brushwork(patches, picture, (64, 64), [5, 6, 7])
    alone = lay_brushwork(patches[:1], picture[:1], (64, 64), [6])
    assert torch.equal(together[1:2], alone) and not torch.equal(together[:1], alone)


@pytest.mark.parametrize("size", [(33, 33), (16, 300), (511, 97), (8, 8)])
def test_every_size_is_covered(size):
    laid = lay_brushwork(measured(painting()), torch.zeros(1, 3, *size), size, [0])
    assert laid.shape == (1, 3, *size) and torch.isfinite(laid).all()
