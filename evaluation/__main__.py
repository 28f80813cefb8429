"""`python -m evaluation COMMAND ...`: what is measured about pictures. `python -m evaluation` lists the commands."""

from __future__ import annotations

import sys
from importlib import import_module

from s2i.cli.run_command import run_command

COMMANDS = {
    "quality": "the table of a model, the cheats and the real pictures",
    "sheet": "drawings down, references across, at several sizes",
    "ablations": "one line a run, of what quality measured",
    "select": "draw the test sets by lot again",
    "photographed_pages": "how well a drawing is found on a photographed page, beside scikit-image's thresholds",
}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        lines = [f"  {name:<18} {what}" for name, what in COMMANDS.items()]
        sys.exit("\n".join(["usage: python -m evaluation COMMAND ...", *lines]))
    command = import_module(f".commands.{sys.argv.pop(1)}", __package__)
    command.main()


if __name__ == "__main__":
    run_command(main)
