"""Tables, plots and sheets, each of something small enough to be quick."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evaluation.baselines.flat_fill import flat_fill
from evaluation.evaluate import save_rows
from evaluation.metrics.bootstrap import Interval
from evaluation.plots import baseline_strip, curves, result_matrix
from evaluation.sizes import middle, size_sheet
from evaluation.tables import ablation_rows, ablation_table, insert_tables
from evaluation.testsets import EvaluationSet, save_testset
from evaluation.trials import plan_trials
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage


@pytest.fixture
def testset():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (4, 4, 4, 3)).astype(np.uint8).repeat(16, 1).repeat(16, 2)
    inks = np.zeros((4, 64, 64), np.float32)
    inks[:, 20:22, 10:50] = 1
    return EvaluationSet(tuple("abcd"), tuple("abcd"), pictures, inks, "noise")


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
    from tests.evaluation.test_metrics import StandInJudge

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


def test_the_middle_of_a_picture_is_shown_one_to_one():
    picture = np.arange(8 * 10 * 3).reshape(8, 10, 3)
    assert np.array_equal(middle(picture, 4), picture[2:6, 3:7])
    assert np.array_equal(middle(picture, 20), picture)


def test_the_results_sheet_paints_every_size(testset, tmp_path):
    size_sheet(SketchToImage.from_config(ModelConfig.tiny()), testset, tmp_path / "sheet.jpg", [0], [32, 64])
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.width > 2 * sheet.height


def test_pairs_are_measured_where_they_are_and_remembered_where_not(tmp_path, testset, monkeypatch, capsys):
    import evaluation.report as command
    from tests.evaluation.test_metrics import StandInJudge

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
