"""The `s2i` command. Exit codes: 0 done, 1 an input failed (the others are done), 2 wrong usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import S2IError

if TYPE_CHECKING:
    from .jobs import Report


# What the positional arguments are.
_HELP = {
    "SKETCH": "a drawing, or a folder or glob of them",
    "SKETCHES": "a drawing, or a folder or glob of them",
    "PHOTO": "a picture, or a folder or glob of them",
    "REFERENCE": "a picture or a saved style (.safetensors), or a folder or glob of them",
    "REFERENCES": "a picture or a saved style (.safetensors), or a folder or glob of them",
    "BACKGROUND": "a picture or a saved style (.safetensors), or a folder of them: the style of what is no part",
    "PICTURE": "a picture, or a folder or glob of them",
    "DRAWINGS": "a folder of drawings, or of .tar shards of them",
    "MODEL": "owner/name on the Hub",
    "BUNDLE": "a .safetensors model",
    "REPO": "owner/name on the Hub",
}


def _pixels(text: str) -> int:
    """argparse turns a ValueError, which int() may raise, into wrong usage as well."""
    value = int(text)
    if not 16 <= value <= 16384:
        raise argparse.ArgumentTypeError(f"{value} pixels: must be 16 to 16384")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value}: must be 1 or more")
    return value


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", help="a bundle, a name in the models folder, or owner/name on the Hub; "
                                        "the bundled model by default")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps (default: cpu)")
    parser.add_argument("--dtype", default="auto", choices=("auto", "fp32", "bf16", "fp16"),
                        help="what the networks compute in (default: auto, the faster one as measured once)")
    parser.add_argument("--threads", type=int, help="processor threads (default: one for each core)")


def _runtime_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runtime", default="torch", choices=("torch", "onnx"),
                        help="onnx paints without torch; --model is then a folder that `s2i export` wrote")
    parser.add_argument("--provider", default="cpu", choices=("cpu", "cuda", "directml", "coreml"),
                        help="what onnxruntime computes on (default: cpu)")


def _output_options(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--out", default=what, help=f"a file, or a folder for several (default: {what})")
    parser.add_argument("--json", action="store_true", help="report on standard output as JSON")


def _paint_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="same seed, same picture (default: 0)")
    parser.add_argument("--size", type=_pixels, help="short side of the output in pixels (default: the input's)")
    parser.add_argument("--working-size", type=_pixels, help="short side of the draft (default: the model's own)")
    parser.add_argument("--strength", type=float, default=1.0, help="of the refiner, 0 to 4 (default: 1)")
    parser.add_argument("--line-opacity", type=float, default=0.0, help="lay the drawing's own lines over, 0 to 1")


def _drawing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--polarity", default="auto", choices=("auto", "dark_lines", "light_lines"))


def _extractor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--variant", type=float, default=0, help="how it is drawn, may be 1.5 (default: 0)")
    parser.add_argument("--line-weight", type=float, default=1.0, help="1 normal, 2 twice as heavy (default: 1)")


def _weights(text: str) -> list[float]:
    try:
        return [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 1,0.5") from None


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="s2i", description="Colour a line sketch after any reference picture.")
    parser.add_argument("--version", action="version", version=f"s2i {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help: str, *arguments: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        for argument in arguments:
            sub.add_argument(argument.lower(), metavar=argument, help=_HELP[argument])
        return sub

    paint = command("paint", "colour a sketch (or a folder of them) after a reference", "SKETCH", "REFERENCE")
    _runtime_options(paint)
    paint.add_argument("--mask", help="a picture, white where the reference's style is to be taken from")
    paint.add_argument("--hints", metavar="FILE", help="dabs of colour that regions take: a picture with transparency, "
                                                       "or dabs on white")
    paint.add_argument("--palette", metavar="FILE", help="paint in these colours, a GIMP palette (see `s2i palette`), "
                                                         "with the reference's brushwork")
    sketch = command("sketch", "draw the lines of a picture", "PHOTO")
    transfer = command("transfer", "repaint a picture in another's style, through its lines", "PHOTO", "REFERENCE")
    mix = command("mix", "colour a sketch after several references at once", "SKETCH")
    mix.add_argument("references", metavar="REFERENCE", nargs="+", help=_HELP["REFERENCE"])
    mix.add_argument("--weights", type=_weights, help="one number per reference, e.g. 1,0.5")
    mix.add_argument("--save-style", metavar="FILE", help="keep the mixture as a .safetensors file: a reference for "
                                                          "other commands, and for ComfyUI's Load Style")
    character = command("character", "colour pages of one figure, each of its parts after references of its own",
                        "SKETCH", "BACKGROUND")
    character.add_argument("--part", metavar=("REFERENCE", "WHERE"), nargs=2, action="append", required=True,
                           help="a part of the figure: a picture, a saved style, or a folder of them, and where it is: "
                                "the colour of its dabs, such as d03030, or a mask, white where it is (or a folder, "
                                "one a page); once for each part")
    character.add_argument("--dabs", metavar="FILE", help="dabs in the parts' colours, on a transparent layer or on "
                                                          "white; a folder holds one for each page, of its name")
    grid = command("grid", "a contact sheet: sketches down, references across", "SKETCHES", "REFERENCES")
    grid.add_argument("--tile", type=_pixels, default=256, help="side of a tile in pixels (default: 256)")
    outputs = {paint: "painted.png", mix: "painted.png", character: "painted.png", grid: "grid.png",
               transfer: "painted.png"}
    for sub, what in outputs.items():
        _model_options(sub)
        _paint_options(sub)
        _output_options(sub, what)
    for sub in (paint, mix, character, grid):
        _drawing_options(sub)
    _model_options(sketch)
    _output_options(sketch, "sketch.png")
    for sub in (sketch, transfer):
        _extractor_options(sub)

    batch = command("batch", "paint a folder or .tar shards of drawings, over any number of processes: "
                             "accelerate launch -m s2i batch ...", "DRAWINGS", "REFERENCE")
    batch.add_argument("--batch", type=_count, default=8, help="drawings of one size painted at once (default: 8)")
    _model_options(batch)
    _paint_options(batch)
    _output_options(batch, "painted")
    _drawing_options(batch)

    palette = command("palette", "find the main colours of a picture, as a GIMP palette", "PICTURE")
    palette.add_argument("--count", type=_count, default=6, help="how many, 2 to 16 (default: 6)")
    palette.add_argument("--keep", metavar="FILE", help="a palette whose colours marked ! stay as they are")
    _output_options(palette, "palette.gpl")

    info = commands.add_parser("info", help="what a bundle holds and where it came from")
    info.add_argument("bundle", metavar="BUNDLE", nargs="?", help="the bundled model by default")
    download = command("download", "fetch a model from the Hub into the models folder", "MODEL")
    download.add_argument("--revision")
    download.add_argument("--filename")
    push = command("push", "upload a bundle to the Hub, with a model card", "BUNDLE", "REPO")
    push.add_argument("--card", help="a Markdown file (default: made from the bundle's header)")
    push.add_argument("--private", action="store_true")
    export = command("export", "write a model as ONNX, for --runtime onnx and for the browser's page")
    export.add_argument("bundle", metavar="BUNDLE", nargs="?", help="the bundled model by default")
    export.add_argument("--onnx", metavar="DIR", required=True, help="folder that the graphs and model.json go into")
    page = command("page", "serve a built page on this machine (see `make page`)")
    page.add_argument("site", metavar="SITE", nargs="?", default="site", help="folder of the page (default: site)")
    page.add_argument("--port", type=int, default=8017, help="0 takes any free port (default: 8017)")
    bench = commands.add_parser("bench", help="seconds, memory, GMAC and parameters on this machine")
    bench.add_argument("--sizes", type=_pixels, nargs="+", default=[256, 512, 1024, 2048])
    bench.add_argument("--runs", type=_count, default=5)
    bench.add_argument("--paper", action="store_true", help="compare with the paper's sizes, in the same process")
    bench.add_argument("--model")
    for sub in (info, download, push, export, page, bench):
        sub.add_argument("--json", action="store_true", help="report on standard output as JSON")
    return parser


# Where a command lives that is not about painting.
_HOMES = {"info": ".models", "download": ".models", "push": ".models", "export": ".export_onnx", "page": ".page",
          "bench": ".bench", "palette": ".colour", "character": ".character"}


def _command(args: argparse.Namespace) -> Callable[[argparse.Namespace], Report]:
    """The function behind a command; its module, and torch with it, is imported only where it is needed."""
    if args.command == "paint" and args.runtime == "onnx":
        return import_module(".paint_onnx", __package__).paint
    home = _HOMES.get(args.command, ".painting")
    try:
        return getattr(import_module(home, __package__), args.command)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        hint = "pip install 'sketch-to-image[torch]'" + (", or add --runtime onnx" if args.command == "paint" else "")
        raise S2IError(f"s2i {args.command} needs torch: {hint}") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command -> its exit code."""
    args = build_parser().parse_args(argv)
    from .jobs import Report, plain_words, write_json

    try:
        report = _command(args)(args)
    except KeyboardInterrupt:
        sys.stderr.write("s2i: interrupted\n")
        return 130
    except Exception as error:
        words = plain_words(error)
        if words is None:
            raise
        sys.stderr.write(f"s2i: {words}\n")
        report = Report(failed=[{"error": words}])
    if args.json:
        write_json(report)
    return report.code


if __name__ == "__main__":
    sys.exit(main())
