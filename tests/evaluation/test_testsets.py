"""Frozen test sets: what is committed, how it is drawn by lot, how it is rendered."""

from collections import Counter

import numpy as np
import pytest

from evaluation.errors import EvaluationError
from evaluation.tasks import plan_tasks
from evaluation.testsets.rendering import render
from evaluation.testsets.selection import FOLDER, Source, load_selection, save_selection, select
from evaluation.testsets.sources import read_sources
from tests.evaluation.stand_ins import write_data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return folder, write_data(folder)


@pytest.fixture(scope="module")
def testset(data):
    return render(select(data[0], "test", data[1]), data[0], size=64)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_committed_sets_are_balanced_and_small(split):
    chosen = load_selection(split)
    inked = [c for c in chosen.pictures if c.pen]
    assert len(inked) == 60 and Counter(c.fold for c in inked) == {0: 30, 1: 30}
    assert Counter(c.pen[0] for c in inked) == {"extractor": 30, "xdog": 30}
    assert not {c.book for c in chosen.pictures if c.fold == 0} & {c.book for c in chosen.pictures if c.fold == 1}
    assert len(chosen.drawings) > 30 and len(chosen.doodles) == 16
    assert (FOLDER / f"{split}.json").stat().st_size < 50_000


def test_committed_sets_share_neither_file_nor_book():
    validation, test = (load_selection(s) for s in ("validation", "test"))
    for pick in (lambda c: c.file, lambda c: c.book):
        both = [{pick(c) for c in (*s.pictures, *s.drawings, *s.doodles)} for s in (validation, test)]
        assert not both[0] & both[1]


def test_a_selection_survives_the_trip_to_disk_and_the_same_seed_draws_it_again(data, tmp_path, monkeypatch):
    first, second = (select(*data[:1], "test", data[1], seed=3) for _ in range(2))
    assert first == second != select(data[0], "test", data[1], seed=4)
    save_selection(first, tmp_path)
    monkeypatch.setattr("evaluation.testsets.selection.FOLDER", tmp_path)
    assert load_selection("test") == first


def test_an_unknown_set_is_named_with_those_that_exist():
    with pytest.raises(EvaluationError, match=r"'train'.*test, validation"):
        load_selection("train")


def test_rendered_pictures_and_inks_fit_one_another(testset):
    assert testset.pictures.shape[1:] == (64, 64, 3) and testset.pictures.dtype == np.uint8
    assert testset.inks.shape == (len(testset.drawn), 64, 64)
    for ink in (*testset.inks, *testset.drawings, *testset.doodles):
        assert 0 <= ink.min() < 0.05 and ink.max() <= 1 and 0.005 < ink.mean() < 0.5


def test_xdog_covers_the_share_that_the_pen_asks_for(data):
    chosen = select(data[0], "test", data[1])
    rendered = render(chosen, data[0], size=64)
    pens = [chosen.pictures[i].pen for i in rendered.drawn]
    found = [(pen[2], ink.mean()) for pen, ink in zip(pens, rendered.inks, strict=True) if pen[0] == "xdog"]
    assert found and all(mean == pytest.approx(share, abs=0.02) for share, mean in found)


def test_fewer_pictures_are_a_subset(data, testset):
    few = render(select(data[0], "test", data[1]), data[0], count=4, size=64)
    assert len(few.drawn) == 4 and set(few.drawn) <= set(testset.drawn)
    assert len(few.drawings) < len(testset.drawings)
    assert np.array_equal(few.pictures, testset.pictures)


def test_a_missing_file_is_named(data, tmp_path):
    with pytest.raises(EvaluationError, match=r"\.png: the test set needs this file"):
        render(select(data[0], "test", data[1]), tmp_path, size=64)


def test_unpaired_references_are_of_the_same_fold_and_another_book(testset):
    tasks = plan_tasks(testset)
    unpaired = tasks["unpaired"]
    assert (testset.folds[unpaired.target] == testset.folds[unpaired.reference]).all()
    assert (testset.books[unpaired.target] != testset.books[unpaired.reference]).all()
    assert (tasks["own"].target == tasks["own"].reference).all()


def test_drawings_have_no_target_and_share_the_references_out(testset):
    for name in ("drawings", "doodles"):
        task = tasks = plan_tasks(testset)[name]
        assert (task.target == -1).all() and set(task.reference) <= set(testset.drawn)
        assert len(set(tasks.reference)) == min(len(task), len(testset.drawn))


def test_crops_stay_inside_the_part_that_may_be_used(data):
    folder, sources = data
    cropped = {file: Source(source.book, (10, 20, 60, 90)) for file, source in sources.items()}
    for crop in select(folder, "test", cropped).pictures:
        left, top, side = crop.box
        assert left >= 10 and top >= 20 and left + side <= 60 and top + side <= 90


def write_tables(folder, rows):
    (folder / "files.csv").write_text("\n".join(["file,kind,split,crop,dropped", *rows, ""]))
    (folder / "books.csv").write_text("book,group\n12,potter\n")
    (folder / "paintings.csv").write_text("file,group\nplates/quiz_1.webp,Degas\n")


def test_sources_are_of_one_split_and_of_their_artists(tmp_path):
    write_tables(tmp_path, ["plates/12_a.webp,picture,test,1 2 30 40,", "plates/quiz_1.webp,picture,test,,",
                            "sketches/tu-berlin/1.png,doodle,test,,", "plates/12_b.webp,picture,drop,,frame"])
    assert read_sources(tmp_path, "test") == {
        "plates/12_a.webp": Source("potter", (1, 2, 30, 40)), "plates/quiz_1.webp": Source("Degas"),
        "sketches/tu-berlin/1.png": Source("sketches/tu-berlin/1.png")}
    with pytest.raises(EvaluationError, match="no files of the split 'validation'"):
        read_sources(tmp_path, "validation")
    with pytest.raises(EvaluationError, match="no such table"):
        read_sources(tmp_path / "elsewhere", "test")
