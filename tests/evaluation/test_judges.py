"""The judges that are fetched: what they are called, how they are asked for, and known answers where they are here."""

import os

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from evaluation import judges
from evaluation.columns import ALL_COLUMNS, table
from evaluation.errors import EvaluationError
from evaluation.judges import Judges, load_inception, load_judges, load_lpips
from evaluation.metrics.features import inception_features
from evaluation.metrics.perceptual import lpips_distances
from evaluation.numbers import RealPictures, evaluate_outputs, real_floor
from evaluation.testsets import load_testset
from evaluation.trials import plan_trials, real_outputs
from tests.evaluation.test_metrics import TESTSET, StandInJudge

LOADERS = {"torch_fidelity": load_inception, "lpips": load_lpips}


class StandInInception(nn.Module):
    """Colour statistics for features: (B,6) and (B,P,3)."""

    def forward(self, pixels):
        x = pixels.float() / 255
        places = nn.functional.avg_pool2d(x, 8).flatten(2).mT
        return torch.cat([x.mean((2, 3)), x.std((2, 3))], 1), places


class StandInLpips(nn.Module):
    def forward(self, a, b):
        return (a - b).square().mean((1, 2, 3), keepdim=True)


@pytest.fixture(scope="module")
def small():
    return load_testset(TESTSET).first(6)


@pytest.mark.parametrize("package", LOADERS)
def test_a_missing_package_says_how_to_get_it(package, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(EvaluationError, match=r"needs a package that is not here.*pip install"):
        LOADERS[package]()


def test_weights_that_cannot_be_fetched_say_where_to_put_them(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def offline():
        raise OSError("no route")

    with pytest.raises(EvaluationError, match=r"of x cannot be fetched \(no route\).*copy x\.pth into .*checkpoints"):
        judges._load(offline, "x", "x.pth")


def test_what_is_not_asked_for_is_not_loaded():
    assert load_judges() == Judges(None, None)


def test_weights_files_are_read_as_tensors_only(tmp_path):
    harmless, pickled = tmp_path / "tensors.pth", tmp_path / "pickled.pth"
    torch.save({"weight": torch.ones(1)}, harmless)
    torch.save({"weight": os.getcwd}, pickled)

    def load(path):
        found = nn.Linear(1, 1, bias=False)
        found.load_state_dict({"weight": torch.load(path, weights_only=False)["weight"].view(1, 1)})
        return found

    assert judges._load(lambda: load(harmless), "x", "x.pth").weight.item() == 1
    with pytest.raises(Exception, match="Weights only load failed"):
        judges._load(lambda: load(pickled), "x", "x.pth")
    assert "TORCH_FORCE_WEIGHTS_ONLY_LOAD" not in os.environ


def test_further_judges_add_columns_that_carry_their_names(small):
    trials = plan_trials(small.groups, 1)
    real = RealPictures.of(small, StandInJudge(), Judges(StandInInception(), StandInLpips()))
    same = evaluate_outputs(real_outputs(small, trials), trials, real)
    dark = evaluate_outputs([p // 4 for p in real_outputs(small, trials)], trials, real)
    assert same["lpips"].value == 0 < dark["lpips"].value
    floor = real_floor(real)
    for key in ("kid_inception_own", "frechet_inception_own"):
        assert floor[key].value < 0.2 * dark[key].value
    text = table({"dark": dark}, ALL_COLUMNS)
    for title in ("KID-inception x1000, own ref.", "Frechet-inception patches, foreign ref.", "LPIPS-alex from"):
        assert title in text
    plain = evaluate_outputs(real_outputs(small, trials), trials, RealPictures.of(small, StandInJudge()))
    assert not {k for k in plain if "inception" in k or "lpips" in k}


def test_lpips_wants_as_many_pictures_on_either_side(small):
    with pytest.raises(ValueError, match="2 pictures cannot be compared with 1"):
        lpips_distances(StandInLpips(), list(small.pictures[:2]), list(small.pictures[:1]))


def test_inception_of_the_package_gives_the_features_that_fid_reads(monkeypatch, small):
    """Its own layers with random weights: pooled features by picture, and maps by place, in the picture's order."""
    module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    monkeypatch.setattr(module, "load_state_dict_from_url", lambda *a, **k: {})
    monkeypatch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)
    torch.manual_seed(0)
    net = load_inception()
    found = inception_features(net, list(small.pictures[:3]), batch=2)
    assert found.semantic.shape == (3, 2048) and found.patches.shape == (3, 35 * 35, 192) and found.style == ()
    alone = inception_features(net, list(small.pictures[2:3]))
    assert np.allclose(found.semantic[2:], alone.semantic, rtol=1e-3, atol=1e-6)
    assert np.allclose(found.patches[2:], alone.patches, rtol=1e-3, atol=1e-6)
    assert not np.allclose(found.semantic[0], found.semantic[1], rtol=1e-3)


def test_lpips_of_the_package_is_a_distance_whatever_its_backbone(monkeypatch, small):
    """The package's trained weights on an AlexNet of random ones: what needs no download."""
    networks = pytest.importorskip("lpips.pretrained_networks")
    fresh = networks.tv.alexnet
    monkeypatch.setattr(networks.tv, "alexnet", lambda pretrained: fresh())
    torch.manual_seed(0)
    net, a, b = load_lpips(), list(small.pictures[:3]), list(small.pictures[3:])
    assert np.allclose(lpips_distances(net, a, a), 0, atol=1e-6)
    there, back = lpips_distances(net, a, b, batch=2), lpips_distances(net, b, a)
    assert there.shape == (3,) and (there > 1e-3).all() and np.allclose(there, back, rtol=1e-3)


@pytest.fixture
def lpips_net():
    pytest.importorskip("lpips")
    try:
        return load_lpips()
    except EvaluationError as error:
        pytest.skip(str(error))


def test_lpips_is_zero_for_itself_and_grows_with_damage(lpips_net, small):
    pictures = list(small.pictures[:3])
    soft, softer = ([ndimage.gaussian_filter(p, (s, s, 0)) for p in pictures] for s in (1, 4))
    others = [*pictures[1:], pictures[0]]
    same, near, far, unrelated = (lpips_distances(lpips_net, pictures, x) for x in (pictures, soft, softer, others))
    assert np.allclose(same, 0, atol=1e-6)
    assert (near > 0.01).all() and (far > near).all()
    assert ((unrelated > 0.4) & (unrelated < 1.1)).all()
