"""Hints, lines, layers, palettes, video frames, transparent drawings and photographed pages, in a real ComfyUI."""

from __future__ import annotations

import json
import urllib.request

import numpy as np
import pytest
from PIL import Image

from tests.nodes.test_runs import facts, node, paint, picture, refused

pytestmark = pytest.mark.xdist_group("comfyui")


def put(comfyui, name, array):
    """An array as a picture in the input folder -> its name."""
    Image.fromarray(array).save(comfyui.base / "input" / name)
    return name


def drawing(side=96):
    """Black lines on a transparent page, (side,side,4) uint8: black hides under the transparency, too."""
    sheet = np.zeros((side, side, 4), np.uint8)
    sheet[20:24, 10:86, 3] = sheet[20:80, 40:43, 3] = 255
    return sheet


# -- a drawing on a transparent page ---------------------------------------------------------------------------------


def test_black_on_transparent_is_read_as_on_white_through_every_door(comfyui):
    sheet = drawing()
    white = np.where(sheet[..., 3:] > 0, sheet[..., :3], 255).astype(np.uint8)
    names = put(comfyui, "layer.png", sheet), put(comfyui, "on white.png", white)
    (wanted,) = facts(comfyui, paint(node("LoadImage", image=names[1]), picture()))["mean"]
    loaded = paint(node("LoadImage", image=names[0]), picture())
    loaded["5"]["inputs"]["sketch_mask"] = ["2", 1]
    assert facts(comfyui, loaded)["mean"][0] == pytest.approx(wanted, abs=2e-3)
    chosen = paint(node("S2I_ExamplePicture", picture=f"{names[0]} [input]"), picture())
    assert facts(comfyui, chosen)["mean"][0] == pytest.approx(wanted, abs=2e-3)
    # Without the mask all is black, which is said rather than painted.
    assert "sketch_mask" in refused(comfyui, paint(node("LoadImage", image=names[0]), picture()))


def test_a_picture_of_the_input_folder_cannot_lead_out_of_it(comfyui):
    put(comfyui, "mine.png", np.full((32, 48, 3), 90, np.uint8))
    address = f"{comfyui.url}/api/s2i/picture?name="
    with urllib.request.urlopen(f"{address}mine.png%20[input]&thumbnail=1", timeout=20) as reply:
        assert reply.headers["Content-Type"] == "image/jpeg"
    page, cut = (comfyui.base / "input" / name for name in ("page.html", "cut.png"))
    page.write_text("<script>alert(1)</script>")
    cut.write_bytes(b"no picture")
    for name in ("../server.log%20[input]", "gone.png%20[input]", "/etc/passwd", "..%2F..%2Fpyproject.toml",
                 "page.html%20[input]", "cut.png%20[input]&thumbnail=1"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(address + name, timeout=20)
        assert error.value.code == 404
    page.unlink()
    cut.unlink()


# -- hints -----------------------------------------------------------------------------------------------------------


def dabs(comfyui):
    sheet = np.zeros((64, 64, 4), np.uint8)
    sheet[20:40, 20:40] = (230, 30, 20, 255)
    return put(comfyui, "dabs.png", sheet)


def test_hints_from_a_layer_and_from_the_pad_reach_the_painting(comfyui):
    plain = facts(comfyui, paint(picture(fill="sketch"), picture()))
    hinted = paint(picture(fill="sketch"), picture())
    hinted |= {"6": node("LoadImage", image=dabs(comfyui)), "7": node("S2I_ColourHints", image=["6", 0], mask=["6", 1])}
    hinted["5"]["inputs"]["hints"] = ["7", 0]
    assert facts(comfyui, hinted)["mean"] != plain["mean"]
    strokes = [{"s": 300, "p": [300, 300], "c": "#e61e14"}]
    drawn = {"version": 2, "width": 64, "height": 64, "strokes": strokes}
    hinted["7"] = node("S2I_SketchPad", width=64, height=64, drawing=json.dumps(drawn))
    hinted["5"]["inputs"]["hints"] = ["7", 2]
    assert facts(comfyui, hinted)["mean"] != plain["mean"]
    # A pad without dabs gives none.
    hinted["7"]["inputs"]["drawing"] = ""
    assert facts(comfyui, hinted)["mean"] == plain["mean"]


def test_hints_of_another_sheet_are_refused(comfyui):
    prompt = paint(picture(1, 64, 128, fill="sketch"), picture())
    prompt |= {"6": node("LoadImage", image=dabs(comfyui)), "7": node("S2I_ColourHints", image=["6", 0], mask=["6", 1])}
    prompt["5"]["inputs"]["hints"] = ["7", 0]
    assert "64x64" in refused(comfyui, prompt)


# -- lines and layers ------------------------------------------------------------------------------------------------


def lines_prompt(comfyui, **more):
    sheet = np.full((64, 64, 3), 255, np.uint8)
    sheet[30:33, 5:60], sheet[10:50, 12] = 0, 77
    return sheet, {
        "2": node("LoadImage", image=put(comfyui, "line art.png", sheet)),
        "3": picture(1, 64, 64, seed=5),
        "9": node("SaveImage", images=["3", 0], filename_prefix="bare"),
        **{key: value for key, value in more.items()},
    }


def test_lines_are_laid_over_bit_for_bit(comfyui):
    sheet, prompt = lines_prompt(comfyui)
    prompt["4"] = node("S2I_OverlayLines", image=["3", 0], sketch=["2", 0], opacity=1.0, colour="")
    prompt["8"] = node("SaveImage", images=["4", 0], filename_prefix="lined")
    run = comfyui.run(prompt)
    bare, lined = (np.asarray(comfyui.pictures(run, number)[0].convert("RGB")) for number in ("9", "8"))
    paper = (sheet == 255).all(2)
    assert np.array_equal(lined[paper], bare[paper]) and (lined[(sheet == 0).all(2)] == 0).all()
    prompt["4"]["inputs"]["colour"] = "brown"
    assert "#2b1d14" in refused(comfyui, prompt)


def test_layers_open_in_another_reader_with_the_lines_untouched(comfyui):
    pyora = pytest.importorskip("pyora", reason="pip install pyora")
    sheet, prompt = lines_prompt(comfyui)
    prompt["6"] = node("T_Mask", batch=1, height=64, width=64, edge=0.5, flat=False)
    prompt["4"] = node("S2I_ExportLayers", image=["3", 0], sketch=["2", 0], filename_prefix="layers/test",
                       regions=["6", 0])  # fmt: skip
    run = comfyui.run(prompt)
    bare = np.asarray(comfyui.pictures(run, "9")[0].convert("RGB"))
    project = pyora.Project.load(str(next((comfyui.base / "output" / "layers").glob("*.ora"))))
    layers = {layer.name: np.asarray(layer.get_image_data(raw=True)) for layer in project.children}
    assert {"paper", "painting", "region 1", "lines"} == set(layers)
    assert np.array_equal(layers["lines"][..., :3], sheet)
    # ComfyUI cuts off what we round.
    assert np.abs(layers["painting"][..., :3].astype(int) - bare).max() <= 1
    assert layers["region 1"][..., 3].mean() == pytest.approx(127.5, abs=1)


# -- palettes --------------------------------------------------------------------------------------------------------


def test_a_palette_recolours_is_saved_and_loaded(comfyui):
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": picture(fill="sketch"), "3": picture(),
        "4": node("S2I_EncodeContent", model=["1", 0], sketch=["2", 0], working_size=0, polarity="auto"),
        "5": node("S2I_EncodeStyle", model=["1", 0], reference=["3", 0]),
        "10": node("S2I_Palette", count=4, colours="#401008 50%, #ff2010"),
        "11": node("S2I_SavePalette", palette=["10", 0], name="reds", overwrite=True),
        "12": node("S2I_ApplyPalette", style=["5", 0], palette=["11", 0], amount=1.0),
        "6": node("S2I_Decode", model=["1", 0], content=["4", 0], style=["12", 0], full_size=True, seed=0,
                  same_seed=False),
        "9": node("T_Facts", value=["6", 0]),
    }  # fmt: skip
    red, green, blue = facts(comfyui, prompt)["mean"][0]
    assert red > green + 0.15 and red > blue + 0.15
    prompt["12"]["inputs"]["palette"] = ["13", 0]
    prompt["13"] = node("S2I_LoadPalette", name="reds.gpl")
    del prompt["10"], prompt["11"]
    assert facts(comfyui, prompt)["mean"][0] == pytest.approx([red, green, blue], abs=0.02)
    prompt["12"]["inputs"]["amount"] = 0.0
    assert facts(comfyui, prompt)["mean"][0] != pytest.approx([red, green, blue], abs=0.02)
    # The list of palettes is part of the schema that other tests look at.
    (comfyui.base / "output/s2i_palettes/reds.gpl").unlink()


def test_a_palette_without_picture_or_colours_says_so(comfyui):
    prompt = {"1": node("S2I_Palette", count=4, colours=""), "9": node("T_Facts", value=["1", 0])}
    assert "connect an image" in refused(comfyui, prompt)


# -- frames ----------------------------------------------------------------------------------------------------------


def test_one_seed_for_all_frames_keeps_the_background_still(comfyui):
    """The bundled model paints the clip of a bird over a landscape; what is far from the bird moves less than 2/255."""
    frames = node("S2I_ExamplePicture", picture="clips/bird.webp")
    prompt = paint(frames, node("S2I_ExamplePicture", picture="references/sky.jpg"), same_seed=True)
    prompt["1"] = node("S2I_LoadModel", model="art (bundled)", precision="float32")
    prompt["8"] = node("SaveImage", images=["5", 0], filename_prefix="frame")
    prompt["7"] = node("SaveImage", images=["2", 0], filename_prefix="drawn")

    def flicker(same):
        prompt["5"]["inputs"]["same_seed"] = same
        run = comfyui.run(prompt)
        painted, drawn = (
            np.stack([np.asarray(p.convert("RGB")).astype(float) for p in comfyui.pictures(run, number)])
            for number in ("8", "7")
        )
        assert len(painted) == 8
        still = (drawn.max(0) - drawn.min(0)).max(2) < 1
        still[:160] = False  # the sky that the bird crosses
        return np.abs(np.diff(painted, axis=0))[:, still].mean()

    assert flicker(True) < 2 < flicker(False)


# -- pages -----------------------------------------------------------------------------------------------------------


def test_a_photographed_page_comes_out_as_clean_ink(comfyui):
    from evaluation.metrics.found_ink import f1
    from evaluation.testsets.photographed_pages import inks, photograph

    _, ink = next(pair for pair in inks(256) if pair[0] == "dog")
    page = (photograph(ink, "hand", 1) * 255).round().astype(np.uint8)
    settings = {"polarity": "auto", "thicken": 0.0, "denoise": 0.0, "light_on_dark": False}
    prompt = {
        "2": node("LoadImage", image=put(comfyui, "page.png", page)),
        "3": node("S2I_PrepareSketch", image=["2", 0], even_light=True, **settings),
        "9": node("SaveImage", images=["3", 0], filename_prefix="clean"),
    }
    scores = []
    for even in (True, False):
        prompt["3"]["inputs"]["even_light"] = even
        found = np.asarray(comfyui.pictures(comfyui.run(prompt), "9")[0].convert("L")) < 128
        scores.append(f1(found, ink))
    assert scores[0] > 0.9 > 0.7 > scores[1]
