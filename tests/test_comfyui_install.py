"""`python -m tools.comfyui` where something is missing says what to do."""

from __future__ import annotations

import subprocess
import sys

from tools.comfyui_install import ROOT


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_without_torch_it_says_what_to_run():
    done = run("import sys; sys.modules['torch'] = None; from tools.comfyui_install import install; install()")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "has no torch" in done.stderr and "make test" in done.stderr and "tools.comfyui" in done.stderr


def test_a_wrong_checkout_is_named(tmp_path):
    code = (
        f"import os; os.environ['COMFYUI_PATH'] = {str(tmp_path)!r}; "
        "from tools.comfyui_install import install; install()"
    )
    done = run(code)
    assert done.returncode == 1 and "holds no main.py" in done.stderr and "Traceback" not in done.stderr
