"""`python -m train COMMAND ...`: every command of training. `python -m train` lists them.

A stage on several GPUs: `accelerate launch -m train.stages.STAGE ...`, with the same options.
"""

from __future__ import annotations

import sys
from importlib import import_module

from s2i.cli.run_command import run_command

COMMANDS = {
    "all": ("all", "every stage, and the bundle"),
    "sketcher": ("stages.sketcher", "stage 1: TOM, then the extractor"),
    "painter": ("stages.painter", "stage 2: drawing and reference to draft"),
    "refiner": ("stages.refiner", "stage 3: draft to picture"),
    "export": ("export", "checkpoints to one bundle"),
    "recipes": ("data.recipes.__main__", "fetch or gather pictures, with a manifest"),
    "sketches": ("data.sketches", "line drawings of a folder of pictures"),
    "evaluate": ("evaluate", "the quality table of a running training"),
    "ablation": ("ablation", "one row of the ablation table"),
    "speed": ("speed", "pictures a second of every stage"),
}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        lines = [f"  {name:<15} {what}" for name, (_, what) in COMMANDS.items()]
        sys.exit("\n".join(["usage: python -m train COMMAND ...", *lines]))
    module, _ = COMMANDS[sys.argv.pop(1)]
    import_module(f".{module}", __package__).main()


if __name__ == "__main__":
    run_command(main)
