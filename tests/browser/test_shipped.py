"""The shipped model in the browser's runtime paints what torch paints: drafts and refined pictures of 50 real cases."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser

STEP = 1 / 127.5  # of 8-bit colour
_OPEN = """async (manifest) => {
    const [{ openEngine }, { Chain }, { fromPixels, Planes }] = await Promise.all(
        ['engine', 'chain', 'planes'].map((name) => import(`./src/painting/${name}.js`)));
    const engine = await openEngine(location.href, manifest, { wanted: 'wasm', threads: 1 });
    const chain = new Chain(engine, manifest.model.facts);
    const bytes = async (name) => new Uint8Array(await (await fetch(`case/${name}`)).arrayBuffer());
    const text = ({ data }) => {
        const all = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        let out = '';
        for (let i = 0; i < all.length; i += 8192) out += String.fromCharCode(...all.subarray(i, i + 8192));
        return btoa(out);
    };
    const styles = {};
    window.style = async (name, height, width) => {
        styles[name] = await chain.encodeStyle(fromPixels({ data: await bytes(name), width, height }));
    };
    window.paint = async ([name, height, width, style, seed]) => {
        const ink = new Planes(1, height, width, Float32Array.from(await bytes(name), (value) => value / 255));
        const draft = await chain.draft(ink, null, styles[style], seed);
        return [text(draft), text(await chain.refine(draft, ink, styles[style], seed, 0, 1))];
    };
}"""


@pytest.fixture(scope="module")
def shipped():
    from s2i import SketchToImage

    if not list(Path("s2i/bundled").glob("*.safetensors")):
        pytest.skip("no trained model ships yet")
    return SketchToImage.from_pretrained(dtype=torch.float32)


@pytest.fixture(scope="module")
def page(shipped, site, browser, tmp_path_factory):
    """A page of the site, with the shipped model's networks in place of the small one's, and the files it can fetch."""
    from s2i.cli.page import open_server
    from s2i.export.to_onnx import export_onnx

    described = export_onnx(shipped, exported := tmp_path_factory.mktemp("shipped"))
    manifest = json.loads((site / "files.json").read_text())
    manifest["model"] = described
    for network in described["networks"].values():
        network["file"] = f"case/{network['file']}"
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    with open_server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = browser.new_page(service_workers="block")
        opened.route("**/files.json", lambda route: route.abort())  # its own painter is not needed
        opened.route("**/case/*", lambda route: route.fulfill(body=files[route.request.url.rsplit("/", 1)[1]]))
        opened.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        opened.evaluate(_OPEN, manifest)
        yield opened, files
        opened.close()
        server.shutdown()


def apart(found: str, expected: torch.Tensor) -> float:
    values = np.frombuffer(base64.b64decode(found), np.float32).reshape(expected.shape)
    return float(np.abs(values - expected.numpy()).max()) / STEP


def test_fifty_paintings_differ_by_less_than_two_steps(page, shipped, capsys):
    from s2i import load_image, load_ink

    page, files = page
    styles, worst = {}, {"draft": 0.0, "refined": 0.0}
    sketches, references = sorted(Path("art/sketches").glob("*.png")), sorted(Path("art/references").glob("*.jpg"))
    for case in range(50):
        sketch, reference = sketches[case % len(sketches)], references[(case + case // 10) % len(references)]
        if reference not in styles:
            image = load_image(reference)
            styles[reference] = shipped.encode_style(image)
            pixels = torch.cat([(image[0] + 1) * 127.5, torch.full((1, *image.shape[-2:]), 255.0)]).round().byte()
            files[reference.name] = pixels.permute(1, 2, 0).contiguous().numpy().tobytes()
            page.evaluate("(name) => window.style(...name)", [reference.name, *image.shape[-2:]])
        bytes_of_ink = (load_ink(sketch) * 255).round().byte()  # as a canvas holds it
        ink, style = bytes_of_ink.float() / 255, styles[reference]
        files[sketch.name] = bytes_of_ink.numpy().tobytes()
        found = page.evaluate("(task) => window.paint(task)", [sketch.name, *ink.shape[-2:], reference.name, case])
        draft = shipped.decode(shipped.encode_content(ink), style, seed=case)
        refined = shipped.refine(draft, ink, style, seed=case, size=tuple(2 * n for n in draft.shape[-2:]))
        for (name, value), text, image in zip(list(worst.items()), found, (draft, refined), strict=True):
            worst[name] = max(value, apart(text, image))
    with capsys.disabled():
        print("\n  largest difference in steps of 8-bit colour:", ", ".join(f"{n} {v:.3f}" for n, v in worst.items()))
    assert set(styles) == set(references)
    assert 0 < worst["draft"] <= 2
    assert 0 < worst["refined"] <= 2
