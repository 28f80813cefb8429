"""`python -m train speed`: images a second of every stage, split into data, forward, backward and optimiser.

Pictures are noise and the loss net's weights random: speed does not depend on them. Every objective is on, as late in
a run. "data" is what the stream alone delivers; "wait" is the share of a real run's time spent waiting for it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from evaluation.baselines.hed import VGGTrunk
from s2i.cli.run_command import run_command
from s2i.config import ExtractorConfig, SketchGeneratorConfig, TrunkConfig
from s2i.models.perceptual_trunk import PerceptualTrunk
from s2i.models.sketch_extractor import SketchExtractor

from .data.painter_samples import PainterSampleMaker, PainterSamples
from .data.pictures import Record
from .data.refiner_samples import RefinerSampleMaker, RefinerSamples
from .data.sketcher_samples import ExtractorSampleMaker, SketcherSamples, TomSampleMaker
from .data.stream import SampleStream
from .engine.loop import prepare, take_step
from .engine.loop_config import LoopConfig
from .engine.stage import Stage
from .engine.toml_config import from_table, read_config
from .stages.distil import DistilStage
from .stages.painter import model_config
from .stages.painter_network import PainterNetwork
from .stages.painter_settings import PainterSchedule, PainterWeights
from .stages.painter_stage import PainterStage
from .stages.refiner_settings import RefinerSchedule, RefinerWeights
from .stages.refiner_stage import RefinerStage
from .stages.sketcher import Sketcher
from .stages.tom_stage import TomSchedule, TomStage, TomWeights

_CONFIGS = Path(__file__).parent / "configs"
_WARM = 3
Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Speed:
    """images_per_second: of training, end to end. data: of the stream alone, with `workers`. forward, backward,
    optimiser: seconds a step. wait: share of the time spent waiting for data."""

    stage: str
    device: str
    batch: int
    images_per_second: float
    data: float
    workers: int
    forward: float
    backward: float
    optimiser: float
    wait: float

    @property
    def feeds(self) -> float:
        """How many times over the stream alone could feed the model."""
        step = self.forward + self.backward + self.optimiser
        return self.data / (self.batch / step) if step else float("inf")


def measure(stage: Stage, config: LoopConfig, steps: int) -> Speed:
    """Train for a few steps and time them."""
    run = prepare(stage, config)
    data = stream_speed(stage, config, steps)
    stream = iter(stage.stream(0, 0, 1))
    for _ in range(_WARM):
        take_step(stage, run, [next(stream)])
    run.seconds.clear()
    begin = time.perf_counter()
    for _ in range(steps):
        waited = time.perf_counter()
        batch = next(stream)
        run.seconds["data"] += time.perf_counter() - waited
        take_step(stage, run, [batch])
    if run.device.type == "cuda":
        torch.cuda.synchronize()
    total = time.perf_counter() - begin
    parts = {name: seconds / steps for name, seconds in run.seconds.items()}
    forward = parts["step"] - parts["backward"] - parts["optimiser"]
    return Speed(stage.name, str(run.device), config.batch, steps * config.batch / total, data, config.workers, forward,
                 parts["backward"], parts["optimiser"], run.seconds["data"] / total)


def stream_speed(stage: Stage, config: LoopConfig, batches: int) -> float:
    """Images a second of the stream alone, after what it prepares in advance."""
    stream: Iterator[Any] = iter(stage.stream(0, 0, 1))
    ahead = 5 * max(1, config.workers)
    for _ in islice(stream, ahead):
        pass
    begin = time.perf_counter()
    for _ in islice(stream, max(batches, ahead)):
        pass
    return max(batches, ahead) * config.batch / (time.perf_counter() - begin)


# -- the stages, as their commands build them, on noise ----------------------------------------------------------------


def noise_pictures(count: int, side: int, variants: int) -> list[Record]:
    """`count` pictures of short side `side` with `variants` inks each."""
    rng, made = np.random.default_rng(0), []
    for i in range(count):
        image = rng.integers(0, 255, (side, side * 5 // 4, 3), np.uint8)
        inks = ((rng.random((variants, *image.shape[:2])) < 0.05) * 255).astype(np.uint8)
        made.append(Record(f"{i:064x}", image, inks))
    return made


def build_tom(tables: Tables, records: list[Record], loop: LoopConfig) -> Stage:
    schedule = replace(from_table(TomSchedule, tables.get("schedule", {}), "schedule"), tom_from=0,
                       snapshot_images=10**9)
    trunk = VGGTrunk(max(3, *schedule.layers), "caffe")
    stage = TomStage(from_table(SketchGeneratorConfig, tables.get("generator", {}), "generator"), trunk,
                     from_table(TomWeights, tables.get("weights", {}), "weights"), schedule, 5e-4, Path(loop.out))
    scans = [record.inks[0][:256, :256] for record in records]
    samples = from_table(SketcherSamples, tables.get("samples", {}), "samples")
    stage.samples = SampleStream(records, TomSampleMaker(samples, scans), 0, loop.batch, loop.workers)
    return stage


def build_extractor(tables: Tables, records: list[Record], loop: LoopConfig) -> Stage:
    config = from_table(ExtractorConfig, tables.get("extractor", {}), "extractor")
    stage = DistilStage(config, learning_rate=from_table(Sketcher, tables.get("sketcher", {}), "x").learning_rate)
    maker = ExtractorSampleMaker(from_table(SketcherSamples, tables.get("samples", {}), "samples"), config.variants)
    records = noise_pictures(4, records[0].image.shape[0], config.variants)
    stage.samples = SampleStream(records, maker, 0, loop.batch, loop.workers)
    return stage


def build_painter(tables: Tables, records: list[Record], loop: LoopConfig) -> Stage:
    config = model_config(tables.get("model", {}))
    trunk = config.trunk or TrunkConfig()
    schedule = replace(from_table(PainterSchedule, tables.get("schedule", {}), "schedule"), adversarial_from=-10**6)
    stage = PainterStage(
        config, SketchExtractor(config.extractor).eval(), PerceptualTrunk(trunk), PerceptualTrunk.channels(trunk),
        len(records), from_table(PainterWeights, tables.get("weights", {}), "weights"), schedule)
    samples = replace(from_table(PainterSamples, tables.get("samples", {}), "samples"), drawings=0.0, large_size=0)
    stage.samples = SampleStream(records, PainterSampleMaker(samples, config.extractor.variants), 0, loop.batch,
                                 loop.workers)
    return stage


def build_refiner(tables: Tables, records: list[Record], loop: LoopConfig) -> Stage:
    config = model_config(tables.get("model", {}))
    trunk = config.trunk or TrunkConfig()
    schedule = replace(from_table(RefinerSchedule, tables.get("schedule", {}), "schedule"), adversarial_from=-10**6,
                       second_from=-10**6)
    stage = RefinerStage(
        config, PainterNetwork(config), SketchExtractor(config.extractor).eval(), PerceptualTrunk(trunk),
        PerceptualTrunk.channels(trunk), from_table(RefinerWeights, tables.get("weights", {}), "weights"), schedule)
    samples = replace(from_table(RefinerSamples, tables.get("samples", {}), "samples"), drawings=0.0)
    stage.samples = SampleStream(records, RefinerSampleMaker(samples, config.extractor.variants), 0, loop.batch,
                                 loop.workers)
    return stage


Builder = Callable[[Tables, list[Record], LoopConfig], Stage]
STAGES: dict[str, tuple[Builder, str]] = {
    "tom": (build_tom, "sketcher.toml"),
    "extractor": (build_extractor, "extractor.toml"),
    "painter": (build_painter, "painter-art.toml"),
    "refiner": (build_refiner, "refiner-art.toml"),
}


def bench(name: str, config: Path | None, steps: int, overrides: dict[str, Any]) -> Speed:
    """Measure one stage by name, as its configuration says."""
    builder, default = STAGES[name]
    tables = read_config(config or _CONFIGS / default)
    with tempfile.TemporaryDirectory() as folder:
        loop = replace(from_table(LoopConfig, tables.get("loop", {}), "loop"), out=folder, tensorboard=False,
                       profile=True, num_images=10**9, accumulate=1, **overrides)
        side = tables.get("data", {}).get("short_side", 384)
        return measure(builder(tables, noise_pictures(16, side, 6), loop), loop, steps)


def table(speeds: list[Speed]) -> str:
    """Markdown."""
    lines = ["| stage | device | batch | images/s | data alone, images/s | data / model | forward s | backward s "
             "| optimiser s | waits for data |", "|---" * 10 + "|"]
    for s in speeds:
        lines.append(f"| {s.stage} | {s.device} | {s.batch} | {s.images_per_second:.1f} | {s.data:.0f} ({s.workers} "
                     f"workers) | {s.feeds:.1f} | {s.forward:.3f} | {s.backward:.3f} | {s.optimiser:.3f} "
                     f"| {100 * s.wait:.0f} % |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train speed", description=__doc__)
    parser.add_argument("stages", nargs="*", help=f"of {', '.join(STAGES)} (default: all)")
    parser.add_argument("--config", type=Path, help="another configuration, for one stage")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--mixed-precision", choices=("no", "bf16", "fp16"))
    parser.add_argument("--compile", action="store_true", default=None)
    parser.add_argument("--cpu", action="store_true", default=None)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    for name in given.stages:
        if name not in STAGES:
            parser.error(f"{name!r} is no stage: choose from {', '.join(STAGES)}")
    names = ("batch", "workers", "mixed_precision", "compile", "cpu")
    overrides = {n: getattr(given, n) for n in names if getattr(given, n) is not None}
    speeds = [bench(name, given.config, given.steps, overrides) for name in given.stages or STAGES]
    if given.json:
        text = json.dumps([{**asdict(s), "feeds": round(s.feeds, 2)} for s in speeds], indent=1)
    else:
        text = table(speeds)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    run_command(main)
