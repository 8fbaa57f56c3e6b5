"""A notebook becomes one file with a map of its lines; nbgrader's ids put right what was deleted or copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import cell, notebook

from grader.intake.source import convert
from grader.model import Cell
from grader.values import place

HEAD = "import numpy as np\n"
TWICE = 'def twice(x):\n    """Twice."""\n    y = None\n    ### BEGIN SOLUTION\n    # your code here\n    ### END SOLUTION\n    return y'
HALF = TWICE.replace("twice", "half").replace("Twice", "Half")


def own(name, text, **rest):
    return cell(
        text,
        metadata={
            "nbgrader": {"grade_id": name, "solution": True, "locked": False, "grade": False, "schema_version": 3}
        },
        **rest,
    )


RELEASED = notebook(own("head", HEAD), own("twice", TWICE), own("half", HALF))


def done(text, how):
    return text.replace("# your code here", f"y = {how}")


def made(*cells, released=RELEASED):
    """The namespace that the notebook's source gives, and the remarks."""
    got = convert(notebook(*cells), "hw.ipynb", "work.py", released)
    space = {}
    exec(got.source.decode(), space)
    return space, got.remarks


# ------------------------------------------------------------------------------------- the lines


def test_every_line_of_the_source_knows_its_cell():
    got = convert(notebook("a = 1\nb = 2", "%%bash\nls", "c = (", "", "d = 4\n"), "hw.ipynb")
    lines = got.source.decode().split("\n")
    assert "hw.ipynb" == got.notebook.name
    for number, own_line, text in [(1, 1, "a = 1"), (1, 2, "b = 2"), (5, 1, "d = 4")]:
        assert f"code cell {number}, line {own_line}" == place(lines.index(text) + 1, got.notebook)
    assert [1, 2, 3, 4, 5] == [c.number for c in got.notebook.cells]
    assert ["code cell 3 is no Python and was left out: '(' was never closed in its line 1"] == got.remarks


def test_a_line_that_is_no_cells_is_told_as_it_is():
    got = convert(notebook("a = 1"), "hw.ipynb")
    assert ("line 1", "line 99", "line 7") == (place(1, got.notebook), place(99, got.notebook), place(7, None))


@given(st.lists(st.text("ab\n=1 #", max_size=30), max_size=6))
def test_a_cells_lines_stand_where_the_map_says(texts):
    got = convert(notebook(*texts), "hw.ipynb")
    lines = got.source.decode().split("\n")
    broken = {int(r.split()[2]) for r in got.remarks}
    assert len(texts) == len(got.notebook.cells)
    for text, one in zip(texts, got.notebook.cells, strict=True):
        assert text.count("\n") + 1 == one.lines
        if one.number not in broken:
            assert text.split("\n") == lines[one.first - 1 : one.first - 1 + one.lines]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_are_lines_too(end):
    got = convert(notebook(f"a = 1{end}b = 2"), "hw.ipynb")
    assert [Cell(1, 3, 2)] == got.notebook.cells


def test_only_a_few_broken_cells_are_told():
    got = convert(notebook(*["("] * 100), "hw.ipynb")
    assert (9, "92 more cells are no Python") == (len(got.remarks), got.remarks[-1])


def test_a_cell_with_a_tag_for_it_is_skipped():
    space, remarks = made("a = 1", cell("a = 2", metadata={"tags": ["grader-skip"]}), released=None)
    assert (1, []) == (space["a"], remarks)


def test_a_cell_of_any_shape_costs_itself_alone():
    odd = [
        {"cell_type": "code"},
        {"cell_type": 3},
        {},
        cell(7),
        cell([1]),
        cell("b = 2", metadata=[]),
        cell("c = 3", metadata={"nbgrader": 3, "tags": {}, "vscode": 1}),
    ]
    space, remarks = made("a = 1", *odd, released=None)
    assert ((1, 2, 3), []) == (tuple(space[n] for n in "abc"), remarks)


def test_modules_that_cells_write_come_along():
    got = convert(
        notebook("%%writefile a.py\nx = 1\n", "%%writefile -a a.py\ny = 2", "%%writefile work.py\nz = 3"),
        "hw.ipynb",
        "work.py",
    )
    assert {"a.py": b"x = 1\ny = 2"} == got.written
    assert b"\nz = 3\n" in got.source


# ---------------------------------------------------------------------------------- cells by id


def test_a_notebook_with_all_cells_is_left_as_it_is():
    space, remarks = made(own("head", HEAD), own("twice", done(TWICE, "2 * x")), own("half", done(HALF, "x / 2")))
    assert (6, 1.5, []) == (space["twice"](3), space["half"](3), remarks)


def test_a_deleted_head_is_put_back_before_what_needs_it():
    space, remarks = made(own("twice", done(TWICE, "np.add(x, x)")), own("half", done(HALF, "x / 2")))
    assert 6 == space["twice"](3)
    assert ["the cell of 'import numpy as np' was deleted; it was put back as it was handed out"] == remarks


def test_a_deleted_function_is_put_back_as_a_stub_and_told():
    space, remarks = made(own("head", HEAD), own("half", done(HALF, "x / 2")))
    assert (None, 1.5) == (space["twice"](3), space["half"](3))
    assert ["the cell of twice was deleted; it was put back as it was handed out"] == remarks


def test_a_cell_that_lives_on_in_another_is_not_put_back():
    space, remarks = made(own("head", HEAD), own("twice", done(TWICE, "2 * x") + "\n\n" + done(HALF, "x / 2")))
    assert (6, 1.5, []) == (space["twice"](3), space["half"](3), remarks)
    space, remarks = made(own("twice", "import numpy as np\n" + done(TWICE, "2 * x")), done(HALF, "x / 2"))
    assert (6, 1.5, []) == (space["twice"](3), space["half"](3), remarks)


def test_a_line_of_a_cell_that_was_put_back_is_told_so():
    got = convert(notebook(own("twice", TWICE), own("half", HALF)), "hw.ipynb", "work.py", RELEASED)
    assert "line 1 of a cell that was put back" == place(got.notebook.cells[0].first, got.notebook)


def test_a_notebook_without_ids_is_left_as_it_is():
    space, remarks = made(done(TWICE, "2 * x"))
    assert ("half" not in space, []) == (True, remarks)


def test_the_last_copy_of_a_cell_counts_and_is_told():
    cells = [own("head", HEAD), own("twice", done(TWICE, "0")), own("half", HALF), own("twice", done(TWICE, "2 * x"))]
    space, remarks = made(*cells)
    assert 6 == space["twice"](3)
    assert ["twice is defined in code cells 2 and 4; the one in cell 4 is graded"] == remarks


def test_a_copy_that_is_still_the_stub_does_not_stand_before_the_work():
    cells = [own("head", HEAD), own("twice", done(TWICE, "2 * x")), own("twice", TWICE), own("half", HALF)]
    space, remarks = made(*cells)
    assert 6 == space["twice"](3)
    assert ["twice is defined in code cells 2 and 3; the one in cell 2 is graded"] == remarks


def test_two_halves_of_a_cell_that_was_split_both_count():
    cells = [own("head", HEAD), own("twice", done(TWICE, "2 * x")), own("twice", done(HALF, "x / 2"))]
    space, remarks = made(*cells)
    assert (6, 1.5, []) == (space["twice"](3), space["half"](3), remarks)
