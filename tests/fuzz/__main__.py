"""`python -m tests.fuzz --cases 10000 --processes 2`: many odd inputs, and a table of what came of them.

Exit status 1 where one was painted wrongly, ended in a traceback or hung; those are printed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path

from .areas import AREAS
from .campaign import run_area
from .outcomes import Outcome

_PIECE = 250  # cases that one process is given at a time
_SHOWN = 20  # bad cases that are printed in full
_STUCK = 900.0  # seconds without a word from a process: it hangs where no clock inside reaches it


def table(found: dict[str, Counter[str]]) -> str:
    """Markdown: areas down, outcomes across."""
    outcomes = [o.value for o in Outcome]
    rows = [f"| input | cases | {' | '.join(outcomes)} |", f"|---|{'---:|' * (len(outcomes) + 1)}"]
    whole: Counter[str] = Counter()
    for name, counts in found.items():
        whole += counts
        rows.append(f"| {name} | {counts.total():,} | {' | '.join(f'{counts[o]:,}' for o in outcomes)} |")
    rows.append(f"| **all** | {whole.total():,} | {' | '.join(f'{whole[o]:,}' for o in outcomes)} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--areas", nargs="+", choices=sorted(AREAS), default=list(AREAS))
    parser.add_argument("--out", type=Path, help="a file for the table and the bad cases as JSON")
    options = parser.parse_args()
    began = time.perf_counter()
    share = sum(AREAS[name].share for name in options.areas)
    tasks = []
    for name in options.areas:
        cases = max(1, options.cases * AREAS[name].share // share)
        pieces = range(0, cases, _PIECE)
        tasks += [((done + _PIECE) / cases, (name, min(_PIECE, cases - done), options.seed + 1000 * done))
                  for done in pieces]
    tasks = [task for _, task in sorted(tasks)]  # all areas alike: a run that is broken off has seen something of each
    found = {name: Counter[str]() for name in options.areas}
    bad: list[str] = []
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=40) as pool:
        results = pool.imap_unordered(run_area, tasks)
        for number, _ in enumerate(tasks, 1):
            try:
                name, counts, worse = results.next(timeout=_STUCK)
            except multiprocessing.TimeoutError:
                bad.append(f"{Outcome.HANG.value}: a process said nothing for {_STUCK:.0f} s")
                break
            found[name] += counts
            bad += [f"[{name}] {text}" for text in worse]
            seconds = time.perf_counter() - began
            _write(options.out, found, bad, seconds)
            sys.stderr.write(f"{number} of {len(tasks)} parts, {len(bad)} bad, {seconds:.0f} s\n")
    text = table(found)
    sys.stdout.write(text + f"\n\n{sum(c.total() for c in found.values()):,} cases in "
                            f"{time.perf_counter() - began:.0f} s on {options.processes} processes\n")  # fmt: skip
    for case in bad[:_SHOWN]:
        sys.stderr.write(case + "\n\n")
    return 1 if bad else 0


def _write(out: Path | None, found: dict[str, Counter[str]], bad: list[str], seconds: float) -> None:
    if out:
        facts = {"table": table(found), "bad": bad, "seconds": round(seconds)}
        out.write_text(json.dumps(facts, indent=2), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
