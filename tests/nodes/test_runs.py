"""What users do to nodes, in a real ComfyUI: every layout, bad input, interruption, caches, files that change."""

from __future__ import annotations

import os
import time

import pytest

from tools.comfyui_client import RefusedError, RunError
from tools.small_bundles import write_tiny_bundle

pytestmark = pytest.mark.xdist_group("comfyui")


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def picture(batch=1, height=64, width=64, channels=3, seed=0, fill="noise"):
    return node("T_Picture", batch=batch, height=height, width=width, channels=channels, seed=seed, fill=fill)


def paint(sketch, reference, mask=None, **more):
    """sketch + reference -> Facts of the picture at node 9."""
    settings = {"seed": 0, "strength": 1.0, "line_opacity": 0.0, "scale": 1.0, "working_size": 0, "polarity": "auto"}
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": sketch,
        "3": reference,
        "5": node("S2I_SketchToImage", model=["1", 0], sketch=["2", 0], reference=["3", 0], **{**settings, **more}),
        "9": node("T_Facts", value=["5", 0]),
    }
    if mask:
        prompt["4"] = mask
        prompt["5"]["inputs"]["mask"] = ["4", 0]
    return prompt


def chain(reference_seed=0, sketch=None, style=None, content_batch=1, style_batch=1):
    return {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": sketch or picture(content_batch, fill="sketch"),
        "3": picture(style_batch, seed=reference_seed),
        "4": node("S2I_EncodeContent", model=["1", 0], sketch=["2", 0], working_size=0, polarity="auto"),
        "5": node("S2I_EncodeStyle", model=["1", 0], reference=["3", 0]),
        "6": node("S2I_Decode", model=["1", 0], content=["4", 0], style=["5", 0], full_size=False),
        "7": node("S2I_Refine", model=["1", 0], draft=["6", 0], sketch=["2", 0], style=["5", 0], seed=0, strength=1.0,
                  scale=1.0, line_opacity=0.0, polarity="auto"),
        "9": node("T_Facts", value=["7", 0]),
        **(style or {}),
    }  # fmt: skip


def facts(comfyui, prompt, number="9"):
    return comfyui.run(prompt).outputs[number]["facts"][0]


def refused(comfyui, prompt) -> str:
    """The sentence on the red node; afterwards the server is alive and the next run is fine."""
    with pytest.raises(RunError) as error:
        comfyui.run(prompt)
    assert comfyui.alive()
    assert facts(comfyui, paint(picture(fill="sketch"), picture(seed=time.time_ns() % 9999)))["shape"] == [1, 64, 64, 3]
    text = str(error.value)
    assert "\n" not in text and "Traceback" not in text
    assert len(text) < 400
    return text


# -- layouts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (50, 91), (16, 130)])
def test_output_has_the_sketchs_size(comfyui, channels, height, width):
    found = facts(comfyui, paint(picture(1, height, width, channels, fill="sketch"), picture(1, 40, 70, channels)))
    assert found["shape"] == [1, height, width, 3]
    assert 0 <= found["min"] <= found["max"] <= 1
    assert found["dtype"] == "torch.float32"


def test_a_very_long_picture(comfyui):
    assert facts(comfyui, paint(picture(1, 64, 8192, fill="sketch"), picture()))["shape"] == [1, 64, 8192, 3]


@pytest.mark.parametrize(("sketches", "references"), [(3, 1), (1, 3), (3, 3)])
def test_batches_broadcast(comfyui, sketches, references):
    found = facts(comfyui, paint(picture(sketches, fill="sketch"), picture(references)))
    assert found["shape"][0] == 3


def test_a_picture_does_not_depend_on_its_batch(comfyui):
    """Picture i of a batch uses seed + i, whatever else is in the batch."""
    three = facts(comfyui, paint(picture(1, fill="sketch"), picture(3), seed=5))
    single = [picture(1, fill="sketch"), node("ImageFromBatch", image=["8", 0], batch_index=2, length=1)]
    one = paint(*single, seed=7)
    one["8"] = picture(3)
    assert facts(comfyui, one)["mean"][0] == pytest.approx(three["mean"][2], abs=1e-5)


def test_scale_and_lines(comfyui):
    assert facts(comfyui, paint(picture(fill="sketch"), picture(), scale=2.0))["shape"] == [1, 128, 128, 3]
    plain = facts(comfyui, paint(picture(fill="sketch"), picture(), seed=3))
    lined = facts(comfyui, paint(picture(fill="sketch"), picture(), seed=3, line_opacity=1.0))
    assert plain["mean"] != lined["mean"]


@pytest.mark.parametrize("mask", [
    node("T_Mask", batch=1, height=64, width=64, edge=0.5, flat=False),
    node("T_Mask", batch=1, height=128, width=128, edge=0.5, flat=True),
])
def test_masks_choose_a_part_of_the_reference(comfyui, mask):
    whole = facts(comfyui, paint(picture(fill="sketch"), picture()))
    assert facts(comfyui, paint(picture(fill="sketch"), picture(), mask))["mean"] != whole["mean"]


def test_an_empty_mask_means_the_whole_reference(comfyui):
    """Load Image gives an empty mask of 64x64 for pictures without transparency, whatever their size."""
    reference = picture(1, 40, 100)
    whole = facts(comfyui, paint(picture(fill="sketch"), reference))
    empty = node("T_Mask", batch=1, height=64, width=64, edge=0.0, flat=False)
    assert facts(comfyui, paint(picture(fill="sketch"), reference, empty))["mean"] == whole["mean"]


def test_chain_equals_the_one_node_version(comfyui):
    steps = facts(comfyui, chain(sketch=picture(1, 90, 120, fill="sketch")))
    whole = facts(comfyui, paint(picture(1, 90, 120, fill="sketch"), picture()))
    assert steps["shape"] == whole["shape"] == [1, 90, 120, 3]
    assert steps["mean"][0] == pytest.approx(whole["mean"][0], abs=1e-4)


def test_bfloat16_is_close_to_float32(comfyui):
    prompt = paint(picture(fill="sketch"), picture())
    full = facts(comfyui, prompt)
    prompt["1"]["inputs"]["precision"] = "bfloat16"
    half = facts(comfyui, prompt)
    assert half["dtype"] == "torch.float32"
    assert half["mean"][0] == pytest.approx(full["mean"][0], abs=0.05)


# -- styles ----------------------------------------------------------------------------------------------------------


def styled(kind, number="8", **inputs):
    """The chain with a style node between two references' styles and the decoder."""
    prompt = chain(style={"13": picture(seed=99), "15": node("S2I_EncodeStyle", model=["1", 0], reference=["13", 0])})
    prompt[number] = node(kind, **inputs)
    for user in ("6", "7"):
        prompt[user]["inputs"]["style"] = [number, 0]
    return prompt


def test_interpolation_ends_are_the_styles_themselves(comfyui):
    frames = styled("S2I_InterpolateStyles", style_a=["5", 0], style_b=["15", 0], position=0.5, frames=4)
    found = facts(comfyui, frames)
    assert found["shape"][0] == 4
    assert found["mean"][0] == pytest.approx(facts(comfyui, chain())["mean"][0], abs=1e-5)
    middle = styled("S2I_InterpolateStyles", style_a=["5", 0], style_b=["15", 0], position=0.0, frames=1)
    assert facts(comfyui, middle)["mean"][0] == pytest.approx(found["mean"][0], abs=1e-5)


def test_mixing_swapping_and_regions(comfyui):
    plain = facts(comfyui, chain())["mean"]
    weights = {"weight_1": 1.0, "weight_2": 0.0, "weight_3": 1.0, "weight_4": 1.0}
    one = styled("S2I_MixStyles", style_1=["5", 0], style_2=["15", 0], **weights)
    assert facts(comfyui, one)["mean"] == plain
    mixed = styled("S2I_MixStyles", style_1=["5", 0], style_2=["15", 0], **{**weights, "weight_2": 1.0})
    assert facts(comfyui, mixed)["mean"] != plain
    swapped = styled("S2I_SwapStyleScales", style_a=["5", 0], style_b=["15", 0], palette="A", coarse="A", fine="A")
    assert facts(comfyui, swapped)["mean"] == plain
    regions = styled("S2I_RegionalStyles", background=["5", 0], style_1=["15", 0], mask_1=["14", 0])
    regions["14"] = node("T_Mask", batch=1, height=32, width=32, edge=0.0, flat=False)
    assert facts(comfyui, regions)["mean"][0] == pytest.approx(plain[0], abs=1e-5)
    regions["14"]["inputs"]["edge"] = 0.5
    assert facts(comfyui, regions)["mean"] != plain


def test_a_saved_style_comes_back(comfyui):
    prompt = styled("S2I_SaveStyle", style=["5", 0], name="test style", overwrite=True)
    saved = comfyui.run(prompt)
    assert "test style.safetensors" in str(saved.outputs["8"]["text"])
    assert (comfyui.base / "output/s2i_styles/test style.safetensors").stat().st_size < 100_000
    listed = comfyui.get("/object_info/S2I_LoadStyle")["S2I_LoadStyle"]["input"]["required"]["name"][1]["options"]
    assert "test style.safetensors" in listed
    loaded = styled("S2I_LoadStyle", name="test style.safetensors")
    assert facts(comfyui, loaded)["mean"][0] == pytest.approx(saved.outputs["9"]["facts"][0]["mean"][0], abs=1e-5)


@pytest.mark.parametrize("name", ["../escape", "/tmp/x", "a/b", ""])
def test_style_names_cannot_leave_the_folder(comfyui, name):
    with pytest.raises(RefusedError, match="without a folder"):
        comfyui.run(styled("S2I_SaveStyle", style=["5", 0], name=name, overwrite=True))


# -- sketches --------------------------------------------------------------------------------------------------------


def test_sketch_nodes(comfyui):
    common = {"image": ["2", 0], "light_on_dark": False}
    kinds = {
        "S2I_PrepareSketch": {"polarity": "auto", "thicken": 1.5, "denoise": 0.3},
        "S2I_XDoG": {"sigma": 0.8, "k": 1.6, "p": 20.0, "epsilon": 0.5, "phi": 10.0},
        "S2I_Canny": {"sigma": 1.4, "low": 0.1, "high": 0.2},
    }
    for kind, settings in kinds.items():
        prompt = {"2": picture(2, 70, 50, 3, fill="sketch"), "3": node(kind, **common, **settings)}
        prompt |= {"8": node("T_Facts", value=["3", 1]), "9": node("T_Facts", value=["3", 0])}
        run = comfyui.run(prompt)
        image, ink = run.outputs["9"]["facts"][0], run.outputs["8"]["facts"][0]
        assert image["shape"] == [2, 70, 50, 3]
        assert ink["shape"] == [2, 70, 50]
        assert image["std"] > 0.05, f"{kind} drew nothing"
        assert image["sum"] / 3 == pytest.approx(2 * 70 * 50 - ink["sum"], rel=1e-3), "the mask is the ink"
        assert len(run.outputs["3"]["images"]) == 2
        prompt["3"]["inputs"]["light_on_dark"] = True
        assert facts(comfyui, prompt)["sum"] / 3 == pytest.approx(ink["sum"], rel=1e-3)


def test_variants_are_a_batch_with_previews(comfyui):
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": picture(2, 64, 48),
        "3": node("S2I_ExtractSketch", model=["1", 0], image=["2", 0], variant=0.5, count=3, line_weight=1.0,
                  light_on_dark=False),
        "9": node("T_Facts", value=["3", 0]),
    }  # fmt: skip
    run = comfyui.run(prompt)
    assert run.outputs["9"]["facts"][0]["shape"] == [6, 64, 48, 3]
    assert len(run.previews) >= 1
    assert all(p.startswith(b"\xff\xd8") for p in run.previews)
    progress = [d for d in run.of("progress") if d["node"] == "3"]
    assert [p["value"] for p in progress] == sorted(p["value"] for p in progress)
    assert progress[-1]["value"] == progress[-1]["max"] == 6


def test_a_grid_shows_every_pair_and_previews(comfyui):
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": picture(2, fill="sketch"),
        "3": picture(3),
        "4": node("S2I_StyleGrid", model=["1", 0], sketch=["2", 0], reference=["3", 0], seed=0, strength=1.0, tile=64,
                  polarity="auto"),
        "8": node("T_Facts", value=["4", 1]),
        "9": node("T_Facts", value=["4", 0]),
    }  # fmt: skip
    run = comfyui.run(prompt)
    assert run.outputs["8"]["facts"][0]["shape"] == [6, 64, 64, 3]
    assert run.outputs["9"]["facts"][0]["shape"] == [1, 3 * 68 - 4, 4 * 68 - 4, 3]
    assert run.previews


def test_style_transfer(comfyui):
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": picture(2, 60, 90),
        "3": picture(1),
        "4": node("S2I_StyleTransfer", model=["1", 0], image=["2", 0], reference=["3", 0], variant=1.0,
                  line_weight=1.0, seed=0, strength=1.0, working_size=0),
        "8": node("T_Facts", value=["4", 1]),
        "9": node("T_Facts", value=["4", 0]),
    }  # fmt: skip
    run = comfyui.run(prompt)
    assert [run.outputs[n]["facts"][0]["shape"] for n in "89"] == [[2, 60, 90, 3]] * 2


# -- caches, files, memory -------------------------------------------------------------------------------------------


def test_changing_the_reference_does_not_read_the_sketch_again(comfyui):
    comfyui.run(chain(reference_seed=101))
    run = comfyui.run(chain(reference_seed=102))
    assert set(run.executed) == {"3", "5", "6", "7", "9"}
    cached = {n for data in run.of("execution_cached") for n in data["nodes"]}
    assert {"1", "2", "4"} <= cached


def test_another_drawing_does_not_read_the_reference_again(comfyui):
    def read(sketch_seed, reference_seed, edge=None):
        mask = None if edge is None else node("T_Mask", batch=1, height=64, width=64, edge=edge, flat=False)
        prompt = paint(picture(seed=sketch_seed, fill="sketch"), picture(seed=reference_seed), mask)
        run = comfyui.run({**prompt, "8": node("T_StylesRead", after=["5", 0])})
        return run.outputs["8"]["facts"][0]["count"], run.outputs["9"]["facts"][0]["mean"]

    read(201, 201)  # counting begins
    start, first = read(202, 202)
    assert read(203, 202)[0] == start, "the same reference"
    assert read(203, 204)[0] == start + 1, "another"
    assert read(203, 204, edge=0.5)[0] == start + 2, "a part of it"
    assert read(204, 204, edge=0.5)[0] == start + 2
    assert read(202, 202)[1] == first, "each drawing after its own reference"


def test_a_retrained_file_is_loaded_again(comfyui):
    path = comfyui.base / "models/s2i/changing.safetensors"
    write_tiny_bundle(path, seed=1)
    prompt = paint(picture(fill="sketch"), picture())
    prompt["1"]["inputs"]["model"] = path.name
    before = facts(comfyui, prompt)
    assert "1" not in comfyui.run(prompt).executed
    write_tiny_bundle(path, seed=2)
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 10**9))
    run = comfyui.run(prompt)
    assert "1" in run.executed
    assert run.outputs["9"]["facts"][0]["mean"] != before["mean"]
    path.unlink()


def test_the_chunk_is_halved_when_memory_runs_out(comfyui):
    found = facts(comfyui, {"9": node("T_OutOfMemory", total=10, fits=3)})
    assert found["result"] == list(range(10))
    assert found["chunks"][0] > 3
    assert found["chunks"].count(2) >= 4


def test_no_room_for_a_single_picture_is_said(comfyui):
    assert "not enough memory" in refused(comfyui, {"9": node("T_OutOfMemory", total=2, fits=0)})


def test_the_model_is_freed_when_asked(comfyui):
    facts(comfyui, paint(picture(fill="sketch"), picture(seed=31)))
    comfyui.post("/free", {"unload_models": True, "free_memory": True})
    time.sleep(0.5)
    assert facts(comfyui, paint(picture(fill="sketch"), picture(seed=32)))["shape"] == [1, 64, 64, 3]


# -- interruption ----------------------------------------------------------------------------------------------------


def test_a_large_batch_stops_within_a_second(comfyui):
    # In one of three: other processes share the cores.
    assert any(interrupted_after(comfyui, seed) < 1.0 for seed in (1, 2, 3))
    assert facts(comfyui, paint(picture(fill="sketch"), picture(seed=5)))["shape"] == [1, 64, 64, 3]


def interrupted_after(comfyui, seed) -> float:
    """Seconds from the interruption of a batch of 64 at 1024² to its end."""
    prompt = paint(picture(64, 1024, 1024, fill="sketch"), picture(), seed=seed)
    with comfyui.listening() as listener:
        listener.queue(prompt)
        while True:
            kind, data = listener.event()
            if kind == "progress" and data["node"] == "5" and data["max"] == 64 and data["value"] >= 2:
                break
        start = time.perf_counter()
        comfyui.post("/interrupt")
        with pytest.raises(RunError, match="interrupted"):
            listener.finish()
        took = time.perf_counter() - start
        done = max(d["value"] for d in listener.result.of("progress") if d["node"] == "5" and d["max"] == 64)
    assert done < 64
    return took


# -- bad input -------------------------------------------------------------------------------------------------------


def test_batches_that_do_not_fit_show_both_shapes(comfyui):
    text = refused(comfyui, paint(picture(2, fill="sketch"), picture(3)))
    assert "(2, 64, 64, 3)" in text and "(3, 64, 64, 3)" in text
    assert "2" in (text := refused(comfyui, chain(content_batch=2, style_batch=3))) and "3" in text


def test_nan_is_named(comfyui):
    assert "sketch contains NaN" in refused(comfyui, paint(picture(fill="nan"), picture()))
    assert "reference contains NaN" in refused(comfyui, paint(picture(fill="sketch"), picture(fill="nan")))


def test_one_pixel_is_refused(comfyui):
    text = refused(comfyui, paint(picture(1, 1, 1), picture()))
    assert "sketch is 1x1 pixels" in text and "16" in text


def test_a_mask_of_another_picture_is_refused(comfyui):
    text = refused(comfyui, paint(picture(fill="sketch"), picture(), node(
        "T_Mask", batch=1, height=64, width=32, edge=0.5, flat=False)))
    assert "32x64" in text and "64x64" in text


def test_a_region_of_another_sheet_is_refused(comfyui):
    regions = styled("S2I_RegionalStyles", background=["5", 0], style_1=["15", 0], mask_1=["14", 0])
    regions["14"] = node("T_Mask", batch=1, height=32, width=90, edge=0.5, flat=False)
    assert "90x32" in refused(comfyui, regions)


def test_a_missing_model_names_the_folders(comfyui):
    prompt = paint(picture(fill="sketch"), picture())
    prompt["1"]["inputs"]["model"] = "gone.safetensors"
    with pytest.raises(RefusedError) as error:
        comfyui.run(prompt)
    assert "gone.safetensors" in str(error.value) and str(comfyui.base / "models/s2i") in str(error.value)


@pytest.mark.parametrize(("name", "content", "words"), [
    ("text.safetensors", b"not a model at all", "not a .safetensors file"),
    ("pickle.safetensors", b"PK\x03\x04" + b"\0" * 90, "pickle"),
    ("cut.safetensors", None, "damaged or cut short"),
])
def test_wrong_files_say_what_they_are(comfyui, name, content, words):
    path = comfyui.base / "models/s2i" / name
    whole = (comfyui.base / "models/s2i/tiny.safetensors").read_bytes()
    path.write_bytes(content or whole[: len(whole) // 2])
    prompt = paint(picture(fill="sketch"), picture())
    prompt["1"]["inputs"]["model"] = name
    text = refused(comfyui, prompt)
    path.unlink()
    assert words in text and name in text


def test_values_out_of_range_are_named(comfyui):
    with pytest.raises(RefusedError) as error:
        comfyui.run(paint(picture(fill="sketch"), picture(), strength=99.0))
    assert "strength" in str(error.value.errors)


def test_a_variant_the_model_does_not_have(comfyui):
    prompt = {
        "1": node("S2I_LoadModel", model="tiny.safetensors", precision="float32"),
        "2": picture(),
        "3": node("S2I_ExtractSketch", model=["1", 0], image=["2", 0], variant=9.0, count=1, line_weight=1.0,
                  light_on_dark=False),
        "9": node("T_Facts", value=["3", 0]),
    }  # fmt: skip
    assert "variant must lie in 0..2" in refused(comfyui, prompt)


# -- the Hub ---------------------------------------------------------------------------------------------------------


def hub_prompt(repo="someone/model", filename="tiny-hub.safetensors", revision="main"):
    prompt = paint(picture(fill="sketch"), picture())
    prompt["1"] = node("S2I_LoadModelFromHub", repo_id=repo, revision=revision, filename=filename, precision="float32")
    return prompt


def test_a_model_comes_from_the_hub_once(comfyui, hub):
    run = comfyui.run(hub_prompt())
    assert [d for d in run.of("progress") if d["node"] == "1"], "no progress on the node"
    assert (comfyui.base / "models/s2i/someone--model--tiny-hub.safetensors").is_file()
    asked = len(hub.requests)
    other = hub_prompt()
    other["1"]["inputs"]["precision"] = "bfloat16"
    comfyui.run(other)
    assert len(hub.requests) == asked, "a local file needs no network"


def test_what_the_hub_does_not_have_is_explained(comfyui):
    text = refused(comfyui, hub_prompt(repo="someone/nothing"))
    assert "someone/nothing" in text and str(comfyui.base / "models/s2i") in text and "HF_ENDPOINT" in text
    with pytest.raises(RefusedError, match="owner/name"):
        comfyui.run(hub_prompt(repo="nonsense"))


def test_known_models_are_offered_as_downloads(comfyui, hub):
    comfyui.run({"9": node("T_KnowModel")})
    listed = comfyui.get("/object_info/S2I_LoadModel")["S2I_LoadModel"]["input"]["required"]["model"][1]["options"]
    assert "loopback (download)" in listed
    prompt = paint(picture(fill="sketch"), picture())
    prompt["1"]["inputs"]["model"] = "loopback (download)"
    assert facts(comfyui, prompt)["shape"] == [1, 64, 64, 3]
