"""Animated pictures give their frames, still ones a single one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from s2i.errors import S2IError
from s2i.imaging.files import frames as module
from s2i.imaging.files.frames import load_frames
from s2i.imaging.files.picture_files import load_image

ART = Path(__file__).parents[4] / "art"


def test_the_clip_has_a_still_background_and_a_moving_bird():
    clip = load_frames(ART / "clips" / "bird.webp")
    assert clip.shape == (8, 3, 384, 384)
    assert torch.equal(clip[0], load_image(ART / "clips" / "bird.webp")[0])
    moving = (clip[1:] != clip[:-1]).any(1).float().mean((1, 2))
    assert (moving > 0).all() and (moving < 0.02).all()


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".png"])
def test_every_kind_of_animation(tmp_path, suffix):
    tones = [Image.fromarray(np.full((24, 32, 3), tone, np.uint8)) for tone in (0, 128, 255)]
    tones[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=tones[1:], duration=100)
    found = load_frames(tmp_path / f"a{suffix}")
    assert found.shape == (3, 3, 24, 32)
    assert found.mean((1, 2, 3)).tolist() == pytest.approx([-1, 0, 1], abs=0.02)


def test_still_pictures_and_too_many_frames(tmp_path, monkeypatch):
    assert load_frames(ART / "sketches" / "dog.png").shape[0] == 1
    monkeypatch.setattr(module, "MOST", 4)
    with pytest.raises(S2IError, match="8 frames"):
        load_frames(ART / "clips" / "bird.webp")
