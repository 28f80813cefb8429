"""`python -m train recipes openclipart|openmoji|paintings ... OUT`: fetch or gather pictures, with a manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

from s2i.cli.run_command import run_command

from .openclipart import make_openclipart
from .openmoji import make_openmoji
from .paintings import UNKNOWN, make_paintings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train recipes", description="Gather pictures, with a manifest.")
    commands = parser.add_subparsers(dest="recipe", required=True)
    clip = commands.add_parser("openclipart", help="coloured public-domain clip art (Debian's openclipart-png)")
    moji = commands.add_parser("openmoji", help="line and colour pairs, evaluation only (npm's openmoji)")
    moji.add_argument("--size", type=int, default=512, help="pixels")
    for command in (clip, moji):
        command.add_argument("--package", type=Path, help="the unpacked package; fetched where not given")
    own = commands.add_parser("paintings", help="folders of your own")
    own.add_argument("--paintings", type=Path, metavar="DIR")
    own.add_argument("--sketches", type=Path, metavar="DIR")
    own.add_argument("--sketches-licence", default=UNKNOWN)
    for command in (clip, moji, own):
        command.add_argument("out", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.recipe == "openclipart":
        make_openclipart(arguments.out, arguments.package)
    elif arguments.recipe == "openmoji":
        make_openmoji(arguments.out, arguments.package, arguments.size)
    else:
        make_paintings(arguments.out, arguments.paintings, arguments.sketches, arguments.sketches_licence)


if __name__ == "__main__":
    run_command(main)
