"""Every shipped workflow runs as it is, and its pictures are what they should be."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from tests.short_tuning import short_tuning
from tools.comfyui_install import NEWEST
from tools.make_workflows import design, file_name, our_half, result_pictures
from tools.workflows.designs import DESIGNS
from tools.workflows.graphs import NOTES, all_inputs, to_prompt

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))


@pytest.fixture(scope="module")
def schemas(comfyui):
    return comfyui.get("/object_info")


def pixels(picture) -> np.ndarray:
    return np.asarray(picture.convert("RGB")).astype(float)


def sketch_size(prompt: dict) -> tuple[int, int]:
    """Width and height of what is painted: a sketch of 512², or the example that stands for a photo."""
    shown = [n["inputs"].get("picture", "") for n in prompt.values()]
    if "clips/bird.webp" in shown:
        return (384, 384)
    if any(name.startswith("sketches/") for name in shown) or not any("temple" in name for name in shown):
        pads = [n["inputs"] for n in prompt.values() if n["class_type"] == "S2I_SketchPad"]
        return (pads[0]["width"], pads[0]["height"]) if pads else (512, 512)
    return (520, 320)


def load(path: Path) -> dict:
    return json.loads(path.read_text())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_what_is_refined_is_a_draft_at_its_working_size(schemas, path):
    """The refiner paints while it enlarges: of a draft that is as large as the sketch already it paints nothing."""
    prompt = to_prompt(load(path), schemas)
    drafts = [prompt[n["inputs"]["draft"][0]] for n in prompt.values() if n["class_type"] == "S2I_Refine"]
    assert not any(draft["inputs"]["full_size"] for draft in drafts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_workflow_runs_and_its_pictures_are_good(comfyui, schemas, path):
    workflow = short_tuning(load(path))
    prompt = our_half(to_prompt(workflow, schemas))
    run = comfyui.run(prompt, workflow)
    pictures = result_pictures(comfyui, workflow, run)
    if path.stem != "style-grid":  # a sheet has its own size
        assert {p.size for p in pictures} == {sketch_size(prompt)}
    for picture in pictures:
        if path.stem != "sketch-variants":  # the stand-in's extractor is not trained
            assert pixels(picture).std() > 2, "a flat picture"
    made = [n for n in prompt.values() if n["class_type"] != "S2I_Palette"]  # its count is of colours
    frames = [s for n in made for k, s in n["inputs"].items() if k in ("frames", "count") and s != 1]
    if frames:
        assert len(pictures) == frames[0]
    for node, entry in prompt.items():
        if entry["class_type"] == "PreviewImage":
            assert run.outputs[node]["images"], "nothing shown"


@pytest.mark.parametrize("name", ["colour-a-sketch", "step-by-step", "style-transfer", "swap-style-scales"])
def test_the_reference_decides_the_colours(comfyui, schemas, name):
    prompt = to_prompt(load(ROOT / f"workflows/{name}.json"), schemas)
    means = []
    for reference in ("ball", "sky"):
        changed = copy.deepcopy(prompt)
        for node in changed.values():
            shown = node["inputs"].get("picture", "")
            if shown.startswith("references/") and "temple" not in shown:
                node["inputs"]["picture"] = f"references/{reference}.jpg"
        run = comfyui.run(changed)
        save = next(k for k, v in changed.items() if v["class_type"] == "SaveImage")
        means.append(pixels(comfyui.pictures(run, save)[0]).mean((0, 1)))
    assert np.abs(means[0] - means[1]).max() > 12


def test_saved_pictures_carry_the_workflow(comfyui, schemas):
    workflow = load(ROOT / "workflows/colour-a-sketch.json")
    run = comfyui.run(to_prompt(workflow, schemas), workflow)
    picture = result_pictures(comfyui, workflow, run)[0]
    assert json.loads(picture.info["workflow"])["nodes"] == workflow["nodes"]


def test_the_hand_over_fits_the_stock_nodes(schemas):
    """No checkpoint is at hand: ids, input names, link types and options of the stock half against /object_info."""
    workflow = load(ROOT / "workflows/hand-over-to-diffusion-needs-sd-1-5.json")
    nodes = {n["id"]: n for n in workflow["nodes"]}
    kinds = {n["type"] for n in nodes.values()} - set(NOTES)
    assert {"VAEEncode", "KSampler", "ControlNetApplyAdvanced", "VAEDecode"} <= kinds <= set(schemas)
    for _, source, output, target, slot, kind in workflow["links"]:
        given = schemas[nodes[source]["type"]]["output"][output]
        entry = nodes[target]["inputs"][slot]
        wanted = all_inputs(schemas[nodes[target]["type"]])[entry["name"]][0]
        assert given == wanted == kind, (nodes[source]["type"], nodes[target]["type"], entry["name"])
    prompt = to_prompt(workflow, schemas)
    for node in prompt.values():
        required = schemas[node["class_type"]]["input"]["required"]
        assert required.keys() <= node["inputs"].keys(), node["class_type"]
    sampler = next(n for n in prompt.values() if n["class_type"] == "KSampler")
    assert 0.2 < sampler["inputs"]["denoise"] < 0.9
    assert prompt[sampler["inputs"]["latent_image"][0]]["class_type"] == "VAEEncode"
    models = [m for n in nodes.values() for m in n["properties"].get("models", [])]
    assert {m["directory"] for m in models} == {"checkpoints", "controlnet"}
    assert all(m["url"].endswith(m["name"]) for m in models)


def test_workflows_are_what_their_designs_say(comfyui, schemas):
    """A change of a schema or a design is followed by python -m tools.make_workflows."""
    if comfyui.version() != tuple(map(int, NEWEST.split("."))):
        pytest.skip(f"stock nodes are written down as they are in {NEWEST}")
    for title in DESIGNS:
        assert load(ROOT / f"workflows/{file_name(title)}.json") == design(title, schemas), title


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_workflow_can_be_listed_and_shared(path):
    assert path.with_suffix(".jpg").is_file(), "no thumbnail: python -m tools.make_workflows"
    for node in load(path)["nodes"]:
        if node["type"] == "S2I_LoadModel":
            assert "models" in node["properties"]
        if node["type"].startswith("S2I_"):
            assert node["properties"]["cnr_id"] == "sketch-to-image"
