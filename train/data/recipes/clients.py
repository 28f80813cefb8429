"""Fetching packages with the clients that everyone has: apt and npm."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from ...errors import TrainError


def run_client(command: Sequence[str], folder: Path, hint: str) -> str:
    """Run in `folder`; -> its stdout. Raises `TrainError` with `hint` where the client is missing or fails."""
    if shutil.which(command[0]) is None:
        raise TrainError(f"{command[0]} is not installed: {hint}")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise TrainError(f"`{' '.join(command)}` failed: {last}; {hint}")
    return done.stdout


def debian_package(name: str, folder: Path) -> Path:
    """Download and unpack a Debian package, without installing it; -> the folder with its files."""
    hint = f"on another system, unpack the Debian package {name} yourself and give it with --package"
    run_client(["apt-get", "download", name], folder, hint)
    archives = sorted(folder.glob(f"{name}_*.deb"))
    if not archives:
        raise TrainError(f"apt-get left no {name}_*.deb; {hint}")
    unpacked = folder / "unpacked"
    run_client(["dpkg", "-x", str(archives[-1]), str(unpacked)], folder, hint)
    return unpacked


def npm_package(name: str, version: str, folder: Path) -> Path:
    """Download and unpack an npm package, without running anything in it; -> the folder with its files."""
    hint = f"or unpack the npm package {name}@{version} yourself and give it with --package"
    run_client(["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{version}"], folder, hint)
    archives = sorted(folder.glob("*.tgz"))
    if not archives:
        raise TrainError(f"npm left no archive of {name}; {hint}")
    with tarfile.open(archives[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"
