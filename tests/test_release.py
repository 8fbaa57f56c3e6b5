"""A released notebook bears nbgrader's metadata as nbgrader itself writes it, and comes back whole."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from grader.authoring.course import assignment_names, load_assignment
from grader.authoring.release import grade_id, handed_out
from grader.authoring.stub import stub_source
from grader.intake.source import convert

ROOT = Path(__file__).resolve().parent.parent
NAMES = assignment_names(ROOT)
KEYS = {"cell_type", "checksum", "grade", "grade_id", "locked", "schema_version", "solution", "task"}


def cells_of(name):
    (path,) = (ROOT / "assignments" / name).glob("*.ipynb")
    return json.loads(path.read_text("utf-8"))["cells"]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_has_metadata_that_nbgrader_accepts(name):
    """Its schema, version 3: these keys and no other, a name of these letters, and its checksum."""
    seen = set()
    for cell in cells_of(name):
        own = cell["metadata"]["nbgrader"]
        assert set(own) == KEYS
        assert (3, False, False) == (own["schema_version"], own["grade"], own["task"])
        assert re.fullmatch(r"[a-zA-Z0-9_\-]+", own["grade_id"])
        assert own["grade_id"] not in seen
        seen.add(own["grade_id"])
        assert cell["cell_type"] == own["cell_type"]
        assert own["locked"] != own["solution"]
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        text = f"{source}{own['cell_type']}False{own['solution']}{own['locked']}{own['grade_id']}"
        assert hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() == own["checksum"]
        assert own["solution"] == ("### BEGIN SOLUTION" in source)
        assert False is cell["metadata"]["deletable"]


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_and_the_stub_say_the_same(name):
    authored = load_assignment(ROOT, name)
    files = handed_out(authored, ROOT)
    stub, book = (files[n] for n in sorted(files, key=lambda n: n.endswith(".ipynb")))
    got = convert(book, "x.ipynb", authored.assignment.file, book)

    def code(text):
        return [
            line.strip() for line in text.decode().split("\n") if line.strip() and not line.lstrip().startswith("#")
        ]

    assert ([], code(stub)) == (got.remarks, code(got.source))


def test_a_mark_stands_around_each_place_that_is_left_out():
    source = "def f():\n    # BEGIN SOLUTION: y = None\n    y = 1\n    # END SOLUTION\n    return y\n"
    assert "def f():\n    y = None\n    return y\n" == stub_source(source, "x.py")
    assert "def f():\n    ### BEGIN SOLUTION\n    y = None\n    ### END SOLUTION\n    return y\n" == (
        stub_source(source, "x.py", marked=True)
    )


@pytest.mark.parametrize(
    ("part", "used", "name"),
    [
        ("def affine(x):\n    pass", set(), "affine"),
        ("def affine(x):\n    pass", {"affine"}, "affine-4"),
        ("class Net:\n    pass", set(), "Net"),
        ("def größe():\n    pass", set(), "cell-4"),
        ("import numpy", set(), "cell-4"),
    ],
)
def test_a_cells_name_is_its_functions(part, used, name):
    assert name == grade_id(part, 4, used)
