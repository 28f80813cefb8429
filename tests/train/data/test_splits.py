"""Splits by group: whole groups, shares kept per style, nothing but names and numbers decides."""

from __future__ import annotations

from train.data.splits import assign_splits


def some_groups(n=60):
    return {f"artist {i}": {"oil": 1 + i % 7, **({"ink": i % 5} if i % 3 == 0 and i % 5 else {})} for i in range(n)}


def test_every_split_gets_its_share_of_every_style():
    groups = some_groups()
    splits = assign_splits(groups)
    assert set(splits) == set(groups)
    for style in ("oil", "ink"):
        total = sum(g.get(style, 0) for g in groups.values())
        for split, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
            had = sum(g.get(style, 0) for name, g in groups.items() if splits[name] == split)
            assert abs(had / total - share) < 0.06, (style, split, had, total)


def test_order_of_the_groups_does_not_matter():
    groups = some_groups()
    assert assign_splits(groups) == assign_splits(dict(reversed(groups.items())))


def test_a_pinned_group_stays_where_it_is_put_and_the_others_make_room():
    groups = {"large": {"oil": 10}, **{f"{i}": {"oil": 1} for i in range(90)}}
    splits = assign_splits(groups, {"large": "test"})
    assert splits["large"] == "test"
    assert sum(groups[g]["oil"] for g, s in splits.items() if s == "test") == 10
