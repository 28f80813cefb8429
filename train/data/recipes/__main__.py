"""`python -m train recipes art|openclipart|openmoji|paintings ... OUT`: fetch or gather pictures, with a manifest."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from s2i.cli.run_command import run_command

from ..art_set import book_of
from .art import make_art
from .openclipart import make_openclipart
from .openmoji import make_openmoji
from .paintings import UNKNOWN, make_paintings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train recipes", description="Gather pictures, with a manifest.")
    commands = parser.add_subparsers(dest="recipe", required=True)
    art = commands.add_parser("art", help="the set that the shipped weights learned from, of what you downloaded")
    art.add_argument("downloads", type=Path, metavar="DOWNLOADS", help="Project Gutenberg's books and other sources")
    clip = commands.add_parser("openclipart", help="coloured public-domain clip art (Debian's openclipart-png)")
    moji = commands.add_parser("openmoji", help="line and colour pairs, evaluation only (npm's openmoji)")
    moji.add_argument("--size", type=int, default=512, help="pixels")
    for command in (clip, moji):
        command.add_argument("--package", type=Path, help="the unpacked package; fetched where not given")
    own = commands.add_parser("paintings", help="folders of your own")
    own.add_argument("--paintings", type=Path, metavar="DIR")
    own.add_argument("--sketches", type=Path, metavar="DIR")
    own.add_argument("--sketches-licence", default=UNKNOWN)
    for command in (art, clip, moji, own):
        command.add_argument("out", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.recipe == "art":
        _report(make_art(arguments.out, arguments.downloads))
    elif arguments.recipe == "openclipart":
        make_openclipart(arguments.out, arguments.package)
    elif arguments.recipe == "openmoji":
        make_openmoji(arguments.out, arguments.package, arguments.size)
    else:
        make_paintings(arguments.out, arguments.paintings, arguments.sketches, arguments.sketches_licence)


def _report(made: dict[str, list[str]]) -> None:
    """What became of the art set, and which sources are missing most."""
    for outcome, files in made.items():
        print(f"{len(files)} {outcome}")
    lacking = Counter(file.rsplit("/", 1)[0] + "/" + book_of(file) for file in made["missing"])
    for source, number in lacking.most_common(10):
        print(f"  {number} missing of {source}")


if __name__ == "__main__":
    run_command(main)
