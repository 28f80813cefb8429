"""What the page computes itself, beside the networks, is what s2i computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from s2i.imaging.files.picture_files import load_image, load_ink
from s2i.imaging.hints.hint_spread import obey_hints
from s2i.imaging.ink.ink import resize_ink
from s2i.imaging.ink.lines import lay_lines
from s2i.imaging.palettes.reference_palette import colour_moments
from s2i.imaging.pixels.noise import seeded_noise
from s2i.imaging.pixels.sizes import resize_area, working_shape
from s2i.imaging.regions.region_facts import region_facts

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser

_RUN = """async ([file, name, planes, rest]) => {
    const { Planes } = await import('./src/painting/planes.js');
    const made = await import(`./src/painting/${file}.js`);
    const given = planes.map(([c, h, w, data]) => new Planes(c, h, w, Float32Array.from(data)));
    const found = made[name](...given, ...rest);
    const plain = (x) => Array.from(x.data ?? x);
    return found.mean ? [plain(found.mean), plain(found.root)] : plain(found);
}"""


@pytest.fixture(scope="module")
def run(browser, site):
    """run(file, function, *tensors and numbers) -> what the page's function gives, as an array."""
    import threading

    from s2i.cli.page import open_server

    with open_server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(service_workers="block")  # it would fetch what the page may not
        page.route("**/files.json", lambda route: route.abort())  # no painter is needed
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")

        def call(file, name, *arguments):
            planes = [[*a.shape[1:], a.flatten().tolist()] for a in arguments if isinstance(a, torch.Tensor)]
            rest = [a for a in arguments if not isinstance(a, torch.Tensor)]
            return page.evaluate(_RUN, [file, name, planes, rest])

        yield call
        page.close()
        server.shutdown()


def apart(found, expected) -> float:
    return float(np.abs(np.asarray(found, np.float64) - np.asarray(expected, np.float64).ravel()).max())


def random(*shape, seed=0):
    return torch.rand(1, *shape, generator=torch.Generator().manual_seed(seed))


def test_noise(run):
    for seed, stream in ((0, 0), (77, 3), (2**40 + 5, 64)):
        assert apart(run("noise", "seededNoise", 1001, seed, stream), seeded_noise((1, 1001), seed, stream)) < 1e-6


@pytest.mark.parametrize("size", [(20, 31), (64, 64), (40, 90)])
def test_sizes(run, size):
    x = random(3, 50, 41)
    assert apart(run("planes", "resize", x, *size), resize_area(x, size)) < 1e-5
    assert apart(run("planes", "enlarge", x, *size), F.interpolate(x, size, mode="bicubic")) < 1e-4
    assert tuple(run("chain", "workingShape", 480, 853, 256)) == working_shape(480, 853, 256)


@pytest.mark.parametrize("name", ["horse", "alice"])
def test_facts_of_a_drawing(run, name):
    ink = resize_ink(load_ink(f"art/sketches/{name}.png"), (128, 160))
    assert apart(run("ink", "resizeInk", ink, 96, 96), resize_ink(ink, (96, 96))) < 5e-5
    facts = region_facts(ink, 4)
    assert apart(run("enclosure", "enclosureMap", ink, 4), facts[:, :4]) < 1e-5
    assert apart(run("region_shapes", "regionShapes", ink, 32, 40), facts[:, 4:]) < 3e-4


def test_colours_and_lines(run):
    image = resize_area(load_image("art/references/temple.jpg"), (64, 96))
    weight = random(1, 64, 96)
    for found, expected in zip(run("palette", "moments", image, weight), colour_moments(image, weight), strict=True):
        assert apart(found, expected) < 2e-5
    assert apart(run("lines", "layLines", image, weight, 0.6), lay_lines(image, weight, 0.6)) < 1e-5


def test_dabs_spread_as_far(run):
    ink = resize_ink(load_ink("art/sketches/house.png"), (128, 128))
    draft = resize_area(load_image("art/references/coast.jpg"), (128, 128))
    hints = torch.zeros(1, 4, 128, 128)
    for (y, x), colour in {(40, 40): (0.8, -0.6, 0.2), (90, 100): (-0.9, 0.1, 0.7)}.items():
        hints[0, :3, y : y + 9, x : x + 9] = torch.tensor(colour)[:, None, None]
        hints[0, 3, y : y + 9, x : x + 9] = 0.8
    expected = obey_hints(draft, ink, hints)
    assert (expected - draft).abs().max() > 0.3
    assert apart(run("hint_spread", "obeyHints", draft, ink, hints), expected) < 2e-3
