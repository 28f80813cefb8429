"""Ablation rows, baselines, tables and the speed bench, each on something small enough to be quick."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bench.speed import alternate, model_steps, ratios, speed_table, time_models
from bench.speed_plot import speed_plot
from bench.training import plot_logs, read_log, smoothed
from evaluation.baselines.adain import AdaIN, adaptive_instance_norm
from evaluation.baselines.flat_fill import flat_fill
from evaluation.baselines.hed import VGGTrunk
from evaluation.baselines.histogram_transfer import histogram_transfer
from evaluation.baselines.reference_under_ink import reference_under_ink
from evaluation.evaluate import save_rows
from evaluation.metrics.bootstrap import Interval
from evaluation.plots import baseline_strip, curves, result_matrix
from evaluation.sizes import middle, size_sheet
from evaluation.tables import ablation_rows, ablation_table, insert_tables
from evaluation.testsets import EvaluationSet, save_testset
from evaluation.trials import plan_trials
from s2i.config import ModelConfig
from s2i.errors import S2IError
from s2i.pipeline import SketchToImage
from train.ablation import CONFIGS, edge_inks, fewer_looks, row_config, row_names, shortened, to_toml
from train.data.pictures import Record
from train.data.samples import SampleConfig
from train.engine.loop import LoopConfig, train
from train.engine.toml_config import from_table, read_config
from train.errors import TrainError
from train.heldout import draft_errors, held_out_samples, paired_ratio
from train.stages.autoencoder import AutoencoderSchedule, AutoencoderWeights
from train.stages.painting import model_config
from train.stages.pix2pix import Pix2PixStage, pix2pix_painter
from train.stages.unet import PatchCritic, UNet


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(0)
    ink = torch.zeros(2, 1, 64, 64)
    ink[:, :, 20:22, 10:50] = 1
    return ink, torch.rand(2, 3, 64, 64, generator=generator) * 1.2 - 0.6


@pytest.fixture
def testset():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (4, 4, 4, 3)).astype(np.uint8).repeat(16, 1).repeat(16, 2)
    inks = np.zeros((4, 64, 64), np.float32)
    inks[:, 20:22, 10:50] = 1
    return EvaluationSet(tuple("abcd"), tuple("abcd"), pictures, inks, "noise")


# -- rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", row_names())
def test_every_row_is_a_configuration_that_training_accepts(row):
    tables = row_config(row)
    assert model_config(tables["model"]).widths
    from_table(AutoencoderWeights, tables.get("weights", {}), "weights")
    from_table(AutoencoderSchedule, tables["schedule"], "schedule")
    from_table(SampleConfig, tables["samples"], "samples")
    loop = from_table(LoopConfig, tables["loop"], "loop")
    assert loop.pictures == 32_000
    assert set(tables["bench"]) == {"stage", "looks", "edges"}


def test_a_shorter_row_keeps_the_proportions_of_its_schedule():
    whole, short = row_config("gan"), shortened(row_config("gan"), 8_000)
    assert short["loop"]["pictures"] == 8_000
    assert short["schedule"]["adversarial_from"] * 4 == whole["schedule"]["adversarial_from"]
    assert short["loop"]["decay_pictures"] * 4 == whole["loop"]["decay_pictures"]
    assert short["loop"]["batch"] == whole["loop"]["batch"] and short["samples"] == whole["samples"]


def test_rows_differ_from_ours_and_from_one_another():
    rows = {name: json.dumps(row_config(name), sort_keys=True) for name in row_names()}
    assert len(set(rows.values())) == len(rows) >= 14
    assert row_config("no_mmi")["weights"]["mutual_information"] == 0
    assert not model_config(row_config("no_dmi")["model"]).dmi
    assert model_config(row_config("paper")["model"]).name == "paper"
    with pytest.raises(TrainError, match="there is no row 'all'"):
        row_config("all")


def test_toml_survives_the_trip(tmp_path):
    tables = {"a": {"x": 1, "y": 0.5, "z": "text", "on": True, "many": [1, 2]}, "b": {"rate": 1e-3}}
    path = tmp_path / "t.toml"
    path.write_text(to_toml(tables))
    assert read_config(path) == tables
    assert CONFIGS.is_dir()


def test_fewer_looks_keep_every_picture(tmp_path):
    source = tmp_path / "inks"
    source.mkdir()
    for key in ("aa", "bb"):
        for look in range(6):
            (source / f"{key}_{look}.png").write_bytes(bytes([look]))
    for looks, expected in ((1, 1), (3, 3), (10, 6)):
        out = fewer_looks(source, looks, tmp_path / f"out{looks}")
        assert len(list(out.glob("aa_*.png"))) == len(list(out.glob("bb_*.png"))) == expected


def test_edge_inks_are_named_by_content(tmp_path):
    import hashlib

    picture = np.full((48, 48, 3), 230, np.uint8)
    picture[12:36, 12:36] = 30
    Image.fromarray(picture).save(tmp_path / "a.png")
    out = edge_inks(tmp_path, 48, tmp_path / "edges")
    key = hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()[:16]
    drawn = np.asarray(Image.open(out / f"{key}_0.png"))
    assert drawn.min() < 60 and np.median(drawn) == 255


# -- baselines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paint", [flat_fill, reference_under_ink, histogram_transfer])
def test_cheap_baselines_paint_at_the_inks_size_and_are_deterministic(paint, pair):
    image = paint(*pair)
    assert image.shape == (2, 3, 64, 64) and image.abs().max() <= 1
    assert torch.equal(image, paint(*pair))
    assert not torch.allclose(image[0], image[1])


def test_each_cheap_baseline_cheats_as_it_says(pair):
    ink, reference = pair
    blank = ink[:, :, 0, 0] == 0
    assert blank.all()
    flat = flat_fill(ink, reference)
    assert torch.allclose(flat[:, :, 0, 0], reference.mean((2, 3)), atol=1e-6)
    assert flat[:, :, 20, 30].max() == -1
    assert torch.equal(reference_under_ink(ink, reference)[:, :, 40:], reference[:, :, 40:])
    moved = histogram_transfer(ink, reference)
    for q in (0.1, 0.5, 0.9):
        assert moved.quantile(q).item() == pytest.approx(reference.quantile(q).item(), abs=0.1)


def test_adain_takes_on_the_references_statistics(pair):
    ink, reference = pair
    a, b = torch.randn(2, 8, 16, 16), torch.randn(2, 8, 16, 16) * 3 + 1
    made = adaptive_instance_norm(a, b)
    assert torch.allclose(made.mean((2, 3)), b.mean((2, 3)), atol=1e-4)
    assert torch.allclose(made.std((2, 3)), b.std((2, 3)), rtol=1e-3)
    torch.manual_seed(0)
    trunk = VGGTrunk(2).eval().requires_grad_(False)
    image = AdaIN(trunk, steps=3, side=32)(ink, reference)
    assert image.shape == (2, 3, 64, 64) and not torch.allclose(image, flat_fill(ink, reference), atol=1e-2)


def test_unet_keeps_any_size_and_its_skips_carry_lines():
    torch.manual_seed(0)
    net = UNet(8, depth=4).eval()
    assert net(torch.rand(1, 1, 50, 70)).shape == (1, 3, 50, 70)
    ink = torch.zeros(1, 1, 64, 64)
    moved = ink.clone()
    moved[..., 30, 30] = 1
    change = (net(moved) - net(ink)).abs().sum(1)[0]
    assert change[24:37, 24:37].mean() > 2 * change[:12, :12].mean()
    assert PatchCritic(8)(torch.rand(2, 4, 64, 64)).shape[1] == 1


class _Batches:
    def provenance(self):
        return {}

    def batches(self, start, rank, world):
        generator = torch.Generator().manual_seed(0)
        ink = (torch.rand(2, 1, 64, 64, generator=generator) > 0.9).float()
        image = (1 - 2 * ink).expand(-1, 3, -1, -1) * torch.tensor([0.9, 0.2, -0.5]).view(1, 3, 1, 1)
        while True:
            yield {"ink": ink, "image": image.contiguous()}


def test_pix2pix_learns_and_its_checkpoint_paints(tmp_path, pair):
    torch.manual_seed(0)
    stage = Pix2PixStage(width=8, learning_rate=2e-3)
    stage.samples = _Batches()
    batch = next(_Batches().batches(0, 0, 1))
    before = (stage.networks["generator"](batch["ink"]) - batch["image"]).abs().mean().item()
    train(stage, LoopConfig(out=str(tmp_path / "run"), pictures=60, batch=2, warmup_pictures=2, workers=0,
                            ema_half_life_pictures=4.0, tensorboard=False, cpu=True))
    paint = pix2pix_painter(tmp_path / "run", width=8)
    after = (paint(batch["ink"], batch["image"]) - batch["image"]).abs().mean().item()
    assert after < 0.6 * before
    assert torch.equal(paint(pair[0], pair[1]), paint(pair[0], -pair[1]))  # blind to the reference


# -- speed ----------------------------------------------------------------------------------------------------------


def test_contenders_take_turns_and_ratios_are_within_a_round():
    order = []
    seconds = alternate({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert order == ["a", "b"] * 4 and [len(v) for v in seconds.values()] == [3, 3]
    assert ratios([1.0, 2.0, 4.0], [2.0, 2.0, 2.0]) == (0.5, 1.0, 2.0)


def test_speed_of_a_tiny_model_makes_a_table_and_a_plot(monkeypatch, tmp_path):
    tiny = SketchToImage.from_config(ModelConfig.tiny())
    monkeypatch.setattr("bench.speed._models", lambda *a: (tiny, tiny))
    monkeypatch.setattr("bench.speed.extractor_contenders", lambda *a: {"HED": lambda: None})
    threads = torch.get_num_threads()
    rows = time_models([32, 64], threads, "fp32", rounds=2)
    assert {r.step for r in rows} == set(model_steps(tiny, 32))
    assert all(r.ratio == (1, 1, 1) for r in rows if r.contender == "ours")
    assert "| whole chain | 32² |" in speed_table(rows)
    measured = tmp_path / "speed.json"
    measured.write_text(json.dumps({"rows": [vars(r) for r in rows]}))
    speed_plot(measured, tmp_path / "speed.png")
    assert Image.open(tmp_path / "speed.png").width > 300


# -- tables and plots -----------------------------------------------------------------------------------------------


def test_tables_go_between_their_markers_and_nowhere_else(tmp_path):
    path = tmp_path / "README.md"
    rest = "between\n<!-- bench:quality -->\n<!-- /bench -->\n"
    path.write_text(f"before\n<!-- bench:speed -->\nold\n<!-- /bench -->\n{rest}")
    assert insert_tables(path, {"speed": "| new \\1 |", "absent": "x"}) == ["speed"]
    assert path.read_text() == f"before\n<!-- bench:speed -->\n| new \\1 |\n<!-- /bench -->\n{rest}"
    assert insert_tables(tmp_path / "absent.md", {"speed": "x"}) == []


def test_ablation_table_joins_seeds_and_says_how_it_was_made(tmp_path):
    assert "python -m train ablation" in ablation_table(tmp_path)
    for name, seed, value in (("ours", 0, 10.0), ("ours", 1, 14.0), ("no_mmi", 0, 11.0)):
        rows = {name: {"lab_emd": Interval(value, value - 1, value + 1)}}
        save_rows(rows, tmp_path / f"{name}-{seed}.json", command=f"python -m train ablation {name}", commit="abc1234",
                  pictures=32_000)
    assert ablation_rows(tmp_path)["ours (2 seeds)"]["lab_emd"] == Interval(12, 9, 15)
    text = ablation_table(tmp_path)
    assert text.index("ours (2 seeds)") < text.index("no mmi") and "at abc1234, 32000 pictures" in text


def test_plots_are_pictures_of_a_stated_size(tmp_path, testset):
    trials = plan_trials(testset.groups, 1)
    outputs = {name: [testset.pictures[i] for i in trials.ink] for name in ("ours", "flat fill")}
    baseline_strip(outputs, trials, testset, tmp_path / "strip.png", rows=2)
    result_matrix(flat_fill, testset, tmp_path / "matrix.png", count=3)
    points = {n: {"kid_foreign": Interval(1 / n, 0, 1), "canny_f1_2px": Interval(0.5, 0.4, 0.6)} for n in (1, 2)}
    curves(points, tmp_path / "curves.png")
    for name in ("strip", "matrix", "curves"):
        assert min(Image.open(tmp_path / f"{name}.png").size) > 200


def test_bench_writes_results_tables_and_plots_from_a_model(tmp_path, testset, monkeypatch):
    import evaluation.report as command
    from tests.train.test_metrics import StandInJudge

    monkeypatch.setattr("evaluation.evaluate.load_judge", StandInJudge)
    monkeypatch.setattr(command, "load_testset", lambda folder: testset)
    readme = tmp_path / "README.md"
    readme.write_text("<!-- bench:quality -->\n<!-- /bench -->\n<!-- bench:verdicts -->\n<!-- /bench -->\n")
    model = SketchToImage.from_config(ModelConfig.tiny())
    monkeypatch.setattr(command.SketchToImage, "from_pretrained", lambda bundle: model)
    monkeypatch.setattr("sys.argv", ["report", "--results", str(tmp_path / "results"), "--docs",
                                     str(tmp_path / "docs"), "--documents", str(readme), "--foreign", "1"])
    command.main()
    text = readme.read_text()
    assert "ours, no refiner" in text and "real pictures" in text and "ours against" in text
    assert (tmp_path / "results" / "quality.json").is_file()
    assert {p.name for p in (tmp_path / "docs").iterdir()} == {"baselines.jpg", "matrix.jpg"}
    assert Path(command.RESULTS).name == "results"


# -- training curves --------------------------------------------------------------------------------------------------


def test_a_resumed_log_counts_what_came_last(tmp_path):
    rows = [{"pictures": n, "step": n, "loss": float(n)} for n in (8, 16, 24)] + [{"pictures": 16, "loss": 1.0}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [(row["pictures"], row["loss"]) for row in read_log(tmp_path)] == [(8, 8.0), (16, 1.0)]
    with pytest.raises(S2IError, match="no training log"):
        read_log(tmp_path / "elsewhere")
    (tmp_path / "log.jsonl").write_text('{"pictures": 8, "loss": 1}\n{"pictures": 16, "lo')
    with pytest.raises(S2IError, match=r"line 2 of .* is no row"):
        read_log(tmp_path)


def test_every_objective_of_every_run_gets_a_panel(tmp_path):
    first = [{"pictures": 8 * i, "lr_factor": 1.0, "reconstruction": 1 / i, "edge": 0.1} for i in range(1, 9)]
    second = [{"pictures": 8 * i, "adversarial": 0.3, "reconstruction": 0.5} for i in range(1, 4)]
    logs = {"auto-encoder": first, "refiner": second}
    terms = plot_logs(logs, tmp_path / "training.png")
    assert terms == ["edge", "reconstruction", "adversarial", "reconstruction"]
    assert plot_logs(logs, tmp_path / "both.png", together=True) == ["adversarial", "edge", "reconstruction"]
    for name in ("training.png", "both.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 600 and np.asarray(picture.convert("L")).std() > 5


def test_smoothing_is_against_pictures():
    assert np.allclose(smoothed(range(50), [2.0] * 50), 2.0)
    assert np.ptp(smoothed(range(200), [0.0, 1.0] * 100)[20:-20]) < 0.05
    # Half of the pictures at 0 in a hundred rows, half at 1 in ten: where they meet is the middle, not mostly 0.
    pictures = [*range(0, 100), *range(100, 200, 10)]
    values = [0.0] * 100 + [1.0] * 10
    assert abs(np.interp(100, pictures, smoothed(pictures, values, 0.1)) - 0.5) < 0.15


# -- results sheet ----------------------------------------------------------------------------------------------------


def test_the_middle_of_a_picture_is_shown_one_to_one():
    picture = np.arange(8 * 10 * 3).reshape(8, 10, 3)
    assert np.array_equal(middle(picture, 4), picture[2:6, 3:7])
    assert np.array_equal(middle(picture, 20), picture)


def test_the_results_sheet_paints_every_size(testset, tmp_path):
    size_sheet(SketchToImage.from_config(ModelConfig.tiny()), testset, tmp_path / "sheet.jpg", [0], [32, 64])
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.width > 2 * sheet.height


# -- genuine pairs ----------------------------------------------------------------------------------------------------


def test_pairs_are_measured_where_they_are_and_remembered_where_not(tmp_path, testset, monkeypatch, capsys):
    import evaluation.report as command
    from tests.train.test_metrics import StandInJudge

    monkeypatch.setattr("evaluation.evaluate.load_judge", StandInJudge)
    model = SketchToImage.from_config(ModelConfig.tiny())
    model.provenance = {"pictures": 7}
    monkeypatch.setattr(command.SketchToImage, "from_pretrained", lambda bundle: model)
    save_testset(testset, tmp_path / "pairs")

    def run(*options):
        folders = ["--results", str(tmp_path), "--docs", str(tmp_path), "--documents"]
        monkeypatch.setattr("sys.argv", ["report", "--only", "pairs", "--foreign", "1", *options, *folders])
        command.main()
        return capsys.readouterr().out

    assert "Not measured yet: `python -m train recipes openmoji DIR`" in run()
    measured = run("--pairs", str(tmp_path / "pairs"))
    assert "| reference under ink |" in measured and "quality" not in measured
    again = run()
    assert measured.split("\n\n")[1] == again.split("\n\n")[1] and "earlier model" not in again
    model.provenance = {"pictures": 8}
    assert "Of an earlier model" in run()


def test_held_out_errors_are_of_the_same_samples_whoever_answers(testset):
    inks = np.where(testset.inks > 0, 255, 0).astype(np.uint8)[:, None]
    records = [Record(name, testset.pictures[i], inks[i]) for i, name in enumerate(testset.names)]
    config = SampleConfig(size=32, hand_drawn=0.0)
    samples, again = (held_out_samples(config, records, (), 5) for _ in range(2))
    assert all(torch.equal(samples[key], again[key]) for key in samples)
    model = SketchToImage.from_config(ModelConfig.tiny())
    errors = draft_errors(model, samples)
    assert errors.shape == (5,) and (errors > 0).all()
    assert np.array_equal(errors, draft_errors(model, samples))


def test_a_paired_ratio_is_certain_where_every_sample_agrees():
    first, picture = np.array([1.0, 4.0, 2.0, 8.0]), np.array([0, 0, 1, 2])
    agreed = paired_ratio(0.9 * first, first, picture)
    assert (agreed.value, agreed.low, agreed.high) == pytest.approx((0.9, 0.9, 0.9))
    mixed = paired_ratio(first * [0.5, 0.5, 1.5, 1.0], first, picture)
    assert mixed.low < 1 < mixed.high
