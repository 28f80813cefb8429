"""The commands about model files: what one holds, and its way from and to the Hub."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from ..errors import S2IError
from .jobs import Report, write


def download_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\rdownloading {done / 1e6:.1f} of {total / 1e6:.1f} MB{end}")
        sys.stderr.flush()


def info(args: Namespace) -> Report:
    from ..bundle import load_bundle
    from ..hub import resolve

    path = resolve(args.bundle)
    bundle = load_bundle(path)
    sizes = {name: sum(t.numel() for t in state.values()) for name, state in bundle.components.items()}
    facts = {
        "file": str(path),
        "megabytes": round(path.stat().st_size / 1e6, 2),
        "parameters": sizes,
        "provenance": bundle.provenance,
        "config": bundle.config.to_dict(),
    }
    if not args.json:
        write(f"{path}  {facts['megabytes']} MB  configuration {bundle.config.name}")
        for name, count in sizes.items():
            write(f"  {name:18} {count / 1e6:7.3f} M parameters")
        for key, value in sorted(bundle.provenance.items()):
            write(f"  {key}: {value}")
    return Report(done=[facts])


def download(args: Namespace) -> Report:
    from ..hub import resolve

    path = resolve(args.model, revision=args.revision, filename=args.filename, progress=download_progress)
    if not args.json:
        write(str(path))
    return Report(done=[{"input": args.model, "output": str(path)}])


def push(args: Namespace) -> Report:
    from ..hub import push as upload

    card = None if args.card is None else _card(Path(args.card))
    address = upload(args.bundle, args.repo, card=card, private=args.private)
    if not args.json:
        write(address)
    return Report(done=[{"input": args.bundle, "output": address}])


def _card(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise S2IError(f"--card {path} cannot be read ({error}): name a Markdown file in UTF-8") from None
