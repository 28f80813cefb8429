"""A draft of MODEL_CARD.md: everything that the bundle knows of itself, and headings for what only eyes can say."""

from __future__ import annotations

from typing import Any

from s2i.config import ModelConfig
from s2i.model_files.model_card import model_card

_REST = """
## Training

{stages}

Loss nets: {nets}. The judge of the numbers below is another net, in no loss and no discriminator.

## Data

{pictures} pictures (SHA-256 over the sorted hashes of the files: `{manifest}`), split by artist into training,
validation and test. Sources and licences:

- (name them: `manifest.csv` of each recipe lists file, source, licence and hash)

## Results on the test split

(the table and the command that made it)

## What is good, and what is not

(look at the sheets)
"""


def draft_card(config: ModelConfig, provenance: dict[str, Any], filename: str) -> str:
    """Markdown with the Hub's front matter. provenance: as `python -m train export` makes it."""
    flat = {k: v for k, v in provenance.items() if not isinstance(v, dict) or k == "steps"}
    stages = [f"- {name}: {_line(facts)}" for name, facts in provenance.items()
              if isinstance(facts, dict) and "minutes" in facts]
    rest = _REST.format(
        stages="\n".join(stages) or "- (none recorded)",
        nets=", ".join(provenance.get("loss_nets", ["none"])),
        pictures=provenance.get("data_pictures", "?"),
        manifest=provenance.get("data_manifest_sha256", "unknown"),
    )
    return model_card(config, flat, filename).rstrip() + "\n" + rest


def _line(facts: dict[str, Any]) -> str:
    if "samples_seen" not in facts:  # taken from a bundle that does not say
        return "from " + str(facts.get("source", facts.get("name", "another bundle")))
    return (f"{facts['samples_seen']:,} pictures in {facts['step']:,} steps of {facts.get('batch', '?')}, "
            f"{facts['minutes']:g} minutes on {'; '.join(facts.get('hardware', []))}, seed {facts.get('seed', 0)}")
