"""Tables in documents."""

from evaluation.markdown_markers import insert_tables


def test_tables_go_between_their_markers_and_nowhere_else(tmp_path):
    path = tmp_path / "README.md"
    rest = "between\n<!-- bench:quality -->\n<!-- /bench -->\n"
    path.write_text(f"before\n<!-- bench:speed -->\nold\n<!-- /bench -->\n{rest}")
    assert insert_tables(path, {"speed": "| new \\1 |", "absent": "x"}) == ["speed"]
    assert path.read_text() == f"before\n<!-- bench:speed -->\n| new \\1 |\n<!-- /bench -->\n{rest}"
    assert insert_tables(tmp_path / "absent.md", {"speed": "x"}) == []
