"""`python -m tools.build_page SITE [--model BUNDLE]`: the browser's page as a folder for any static host.

What it is made of: browser/ as it is, the Sketch Pad's pen, onnxruntime-web from npm, the example pictures, and the
model as ONNX. Large files carry their hash in their names, so that they can be kept for ever; files.json names all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BROWSER, PAD = ROOT / "browser", ROOT / "web" / "js" / "s2i"
NPM = BROWSER / "node_modules" / "onnxruntime-web"
_SHARED = ("drawing.js", "history.js", "icons.js", "ink.js", "pen.js")  # of the Sketch Pad
_RUNTIMES = {  # the module, and the end of the names of its glue and its binary
    "wasm": ("ort.wasm.min.mjs", ""),
    "webgpu": ("ort.webgpu.min.mjs", ".asyncify"),
    "webgpu-jspi": ("ort.jspi.min.mjs", ".jspi"),
}


def build(site: Path, model: str | None = None, exported: Path | None = None) -> dict[str, Any]:
    """Write the page into `site`, which is emptied first -> the manifest. exported: a folder that `s2i export` wrote,
    instead of exporting the model."""
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    for name in ("index.html", "page.css", "icon.svg", "app.webmanifest", "service-worker.js"):
        shutil.copy(BROWSER / name, site)
    shutil.copytree(BROWSER / "src", site / "src")
    for name in _SHARED:
        _copy(PAD / name, site / "pad")
    runtimes = _runtimes(site)
    with tempfile.TemporaryDirectory() as folder:
        described = _model(site, exported or _export(model, Path(folder)))
    manifest = {
        "runtimes": runtimes,
        "model": described,
        "references": _pictures(site, "references", "*.jpg"),
        "drawings": _pictures(site, "sketches", "*.png"),
    }
    runtime_files = {p for r in runtimes.values() for p in (r["module"], r["glue"], r["wasm"]["file"])}
    later = {n["file"] for n in described["networks"].values() if n.get("later")}
    files = sorted(p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file())
    manifest["keep"] = [name for name in files if name not in runtime_files | later]
    (site / "files.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest


def _copy(source: Path, folder: Path, hashed: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = source.name
    if hashed:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()[:8]
        name = f"{source.stem}.{digest}{source.suffix}"
    return Path(shutil.copy(source, folder / name))


def _runtimes(site: Path) -> dict[str, Any]:
    _install()
    described = {}
    for name, (module, kind) in _RUNTIMES.items():
        stem = NPM / "dist" / f"ort-wasm-simd-threaded{kind}"
        copies = [_copy(p, site / "runtime", hashed=True)
                  for p in (NPM / "dist" / module, Path(f"{stem}.mjs"), Path(f"{stem}.wasm"))]
        module_copy, glue, wasm = (p.relative_to(site).as_posix() for p in copies)
        data = copies[2].read_bytes()
        described[name] = {
            "module": module_copy,
            "glue": glue,
            "wasm": {"file": wasm, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        }
    return described


def _install() -> None:
    """npm's packages, where they are not there yet. One process at a time: each would remove what another unpacks."""
    from filelock import FileLock  # huggingface_hub's

    with FileLock(BROWSER / ".install.lock"):
        _install_alone()


def _install_alone() -> None:
    wanted = json.loads((BROWSER / "package.json").read_text())["dependencies"]["onnxruntime-web"]
    whole = BROWSER / "node_modules" / ".package-lock.json"  # what npm writes last
    if whole.is_file() and json.loads((NPM / "package.json").read_text())["version"] == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to build the page: install Node.js 20 or later")
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=BROWSER, check=True)  # noqa: S603


def _export(model: str | None, folder: Path) -> Path:
    import torch

    from s2i import SketchToImage
    from s2i.export.to_onnx import export_onnx

    export_onnx(SketchToImage.from_pretrained(model, dtype=torch.float32), folder)
    return folder


def _model(site: Path, exported: Path) -> dict[str, Any]:
    described = json.loads((exported / "model.json").read_text(encoding="utf-8"))
    for network in described["networks"].values():
        copied = _copy(exported / network["file"], site / "model", hashed=True)
        network["file"] = copied.relative_to(site).as_posix()
    return described


def _pictures(site: Path, kind: str, pattern: str) -> list[dict[str, str]]:
    """Example pictures, in the order of their credits, references under the names that the credits give them."""
    credits = (ROOT / "art" / "CREDITS.md").read_text(encoding="utf-8")
    titles = dict(re.findall(r"^\| (\S+) \| (.+?)(?: \(.*?\))? \|", credits, re.M))
    entries = []
    for path in sorted((ROOT / "art" / kind).glob(pattern), key=lambda p: credits.find(p.name)):
        copied = _copy(path, site / "art" / kind)
        title = titles.get(f"{kind}/{path.name}") if kind == "references" else None
        name = title or path.stem.capitalize()
        entries.append({"id": path.stem, "name": name.replace("*", ""), "file": copied.relative_to(site).as_posix()})
    return entries


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--model", help="a bundle; the bundled model by default")
    parser.add_argument("--exported", type=Path, help="a folder that `s2i export` wrote")
    args = parser.parse_args(argv)
    manifest = build(args.site, args.model, args.exported)
    first = [manifest["runtimes"]["wasm"]["wasm"]]
    first += [n for n in manifest["model"]["networks"].values() if not n.get("later")]
    sys.stdout.write(f"{args.site}: {sum(f['bytes'] for f in first) / 1e6:.1f} MB to download at first\n")


if __name__ == "__main__":
    main()
