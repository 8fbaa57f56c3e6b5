"""Nothing goes out that tells: a leak planted in any kind of file is told by file and line."""

import json
from pathlib import Path

import pytest

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.authoring.leaks import leaks, refuse_leaks, secrets_of
from grader.authoring.release import released
from grader.errors import AuthorError

ROOT = Path(__file__).resolve().parent.parent
SEED = b"a seed that nobody knows"

REFERENCE = '''"""Twice a number."""


def double(x):
    """Twice x."""
    y = None

    # BEGIN SOLUTION
    rows = x.reshape(len(x), -1)
    y = 2 * x  # twice
    # END SOLUTION

    return y
'''
SOLUTION = "rows = x.reshape(len(x), -1)"
MISTAKE = "return x**2 + x"


@pytest.fixture
def small(course_in, tmp_path):
    course = course_in(tmp_path)
    (course.folder / "work.py").write_text(REFERENCE, "utf-8")
    course.edit("cases.py", '"any numbers"', '"numbers of any size"')
    return course


def told(course, name, text):
    authored = course.load()
    secrets = secrets_of(authored, course.root, course.key(SEED), SEED)
    return leaks(released(authored, course.root) | {name: text.encode()}, secrets)


def notebook(line):
    return json.dumps({"cells": [{"cell_type": "code", "source": ["import numpy\n", f"{line}\n"]}]}, indent=1)


def one_string(line):
    return json.dumps({"source": f'"""A text."""\n\ndef f(x):\n    {line}\n'})


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("work.py", f"import numpy\n\n#  {SOLUTION}\n", 3),
        ("helper.py", f"def f(x):\n    {SOLUTION.replace(' ', '  ')}\n", 2),
        ("work.ipynb", notebook(SOLUTION), 7),
        ("work.ipynb", one_string(SOLUTION), 1),
        ("notes.json", json.dumps([SOLUTION], indent=1), 2),
        ("README.md", f"# Small\n\nTry `{SOLUTION}`.\n", 3),
        ("README.md", "rows = x.reshape(\n  len(x), -1)\n", 1),
    ],
)
def test_a_line_of_the_solution_is_told_with_its_file_and_line(small, name, text, line):
    where = small.line("work.py", SOLUTION)
    assert told(small, name, text) == [f"{name}:{line}: holds a line of the solution (solutions/small/work.py:{where})"]


@pytest.mark.parametrize("name", ["work.py", "work.ipynb", "notes.json", "README.md"])
def test_a_mistakes_code_is_told(small, name):
    text = notebook(MISTAKE) if name.endswith((".json", ".ipynb")) else f"\n{MISTAKE}\n"
    where = small.line("mistakes.py", MISTAKE)
    line = 7 if name.endswith((".json", ".ipynb")) else 2
    assert told(small, name, text) == [
        f"{name}:{line}: holds a known mistake's code (solutions/small/mistakes.py:{where})"
    ]


def test_a_right_answer_of_variants_and_how_a_case_is_drawn_are_told(small):
    (small.folder / "variants.py").write_text(
        "from grader.authoring import Correct\n\n\ndef doubled(x):\n    return x + x + 0 * x\n\n\n"
        'VARIANTS = [Correct("a sum", {"double": doubled})]\n',
        "utf-8",
    )
    assert told(small, "a.md", "return x + x + 0*x") == [
        "a.md:1: holds a right answer's code (solutions/small/variants.py:5)"
    ]
    assert told(small, "a.md", small_draw(small))[0].startswith("a.md:1: holds how a hidden case is drawn (solutions/")


def small_draw(small):
    return next(line for line in (small.folder / "cases.py").read_text("utf-8").splitlines() if "rng." in line)


def test_a_hidden_case_is_told_by_its_title_its_numbers_and_its_flag(small):
    key = small.key(SEED)
    hidden = next(c for c in key.exercises[0].cases if not c.visible)
    first = repr(abs(float(hidden.inputs["x"][0])))
    assert told(small, "a.json", f'{{\n"title": "{hidden.title}"}}')[0].startswith(
        "a.json:2: holds a hidden case's title (solutions/small/cases.py:"
    )
    assert told(small, "a.md", f"x is\n-{first}") == ["a.md:2: holds a number of the hidden case drawn"]
    assert told(small, "a.json", '{"visible":\n false}') == []
    assert told(small, "a.json", '{\n "visible": false}') == ["a.json:2: holds a hidden case"]


def test_hidden_whole_numbers_are_told_where_they_stand_together(small):
    small.edit("cases.py", 'lambda rng: {"x": rng.normal(size=3)}', '{"x": [3, 1, 4, 1, 5]}')
    assert told(small, "a.md", "as in [3, 1, 4, 1, 5]") == ["a.md:1: holds the numbers of the hidden case drawn"]
    assert told(small, "a.md", "as in [3, 1, 4]") == []


def test_the_seed_and_a_short_solution_as_a_whole_are_told(small):
    assert told(small, "a.md", f"seed: {SEED.decode()}") == ["a.md:1: holds the secret seed"]
    small.edit("work.py", SOLUTION, "a = 2")
    small.edit("work.py", "y = 2 * x  # twice", "y = a*x")
    assert told(small, "a.md", "a = 2") == []
    assert told(small, "a.md", "first\na = 2\ny = a * x\n") == ["a.md:2: holds a solution (solutions/small/work.py:9)"]


def test_what_a_solutions_line_computes_is_told_without_its_name_and_from_a_comment_of_the_stub(small):
    assert told(small, "a.md", "Think of x.reshape(len(x), -1).")[0].startswith("a.md:1: holds a line of the solution")
    small.edit("work.py", "    # BEGIN SOLUTION\n", f"    # {SOLUTION}\n    # BEGIN SOLUTION\n")
    assert [line.partition(":")[0] for line in told(small, "a.md", "")] == ["work.py", "work.ipynb"]


def test_what_the_stub_gives_away_itself_is_no_secret(small):
    small.edit("work.py", "    # BEGIN SOLUTION\n", f"    {SOLUTION}\n    # BEGIN SOLUTION\n")
    assert told(small, "a.md", SOLUTION) == []


def test_a_leak_ends_the_release_with_its_place(small):
    secrets = secrets_of(small.load(), small.root)
    with pytest.raises(AuthorError) as error:
        refuse_leaks({"a.md": f"{SOLUTION}\n{MISTAKE}".encode()}, secrets)
    assert str(error.value) == (
        "a.md:1: holds a line of the solution (solutions/small/work.py:9); "
        "nothing is written before it is taken out (and 1 place more)"
    )


def test_the_course_itself_gives_no_number_away_and_its_own_reference_would():
    authored = load_assignment(ROOT, "activations")
    secrets = secrets_of(authored, ROOT, build_key(authored, SEED), SEED)
    assert leaks(released(authored, ROOT), secrets) == []
    assert len(secrets.numbers) > 1000
    assert len(leaks({"x.py": authored.source.encode()}, secrets)) > 10
    assert len(leaks({"x.py": authored.mistakes_source.encode()}, secrets)) > 30
