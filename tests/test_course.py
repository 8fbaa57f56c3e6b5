"""solutions/ on disk: what is read, and the one line that an author gets for each thing that is wrong."""

import shutil
from pathlib import Path

import pytest

from grader.authoring.course import assignment_names, find_course, load_assignment
from grader.authoring.key import build_key
from grader.authoring.stub import stub_source
from grader.errors import AuthorError, UsageError

COURSE = Path(__file__).parent / "course"


@pytest.fixture
def course(tmp_path):
    shutil.copytree(COURSE / "solutions", tmp_path / "solutions")
    return tmp_path


def change(course, file, old, new):
    path = course / "solutions" / "affine" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return next(n for n, line in enumerate(text.splitlines(), 1) if old.splitlines()[0] in line)


def refused(course):
    with pytest.raises(AuthorError) as error:
        build_key(load_assignment(course, "affine"), b"seed")
    return str(error.value)


def test_a_course_is_found_from_inside(course):
    assert course.resolve() == find_course(course / "solutions" / "affine")
    assert ["affine"] == assignment_names(course)


def test_no_course_is_told(tmp_path):
    with pytest.raises(UsageError, match="expected a course here"):
        find_course(tmp_path)


def test_a_missing_handout_is_told(course):
    (course / "solutions" / "affine" / "handout.md").unlink()
    assert "solutions/affine/handout.md: expected this file, but No such file or directory; write it" == refused(course)


def test_a_cases_file_without_an_assignment_is_told(course):
    (course / "solutions" / "affine" / "cases.py").write_text("x = 1\n", "utf-8")
    assert "solutions/affine/cases.py: expected it to end in ASSIGNMENT = …, got None" == refused(course)


def test_negative_points_are_told_with_their_line(course):
    (course / "solutions" / "affine" / "cases.py").write_text(
        "from grader.authoring import Exercise, call\n"
        "E = Exercise('f', title='', source='', plan=call('f', 'x'), points={'dx': -2}, oracle=abs, visible=[])\n",
        "utf-8",
    )
    assert "solutions/affine/cases.py:2: dx is worth -2 points; points are zero or more" == refused(course)


def test_a_mistake_of_an_unknown_exercise_is_told(course):
    change(course, "mistakes.py", '"affine_forward",', '"affine_foward",')
    told = refused(course)
    assert told.startswith("solutions/affine/mistakes.py:")
    assert "'affine_foward'; expected one of affine_forward, affine_backward" in told


def test_a_reference_that_lacks_a_function_is_told(course):
    change(course, "layers.py", "def affine_backward(", "def affine_backwards(")
    assert "calls affine_backward, and solutions/affine/layers.py has no such name; write it there" in refused(course)


def test_a_reference_that_disagrees_with_its_oracle_is_told(course):
    change(course, "layers.py", "    db = ", "    db = 1.5 * ")
    told = refused(course)
    assert told.startswith("solutions/affine/cases.py:")
    assert "db" in told


def test_a_reference_that_raises_is_told(course):
    change(course, "layers.py", "    # BEGIN SOLUTION", "    raise ValueError('oh')\n    # BEGIN SOLUTION")
    assert "the reference of affine_forward raised ValueError in solutions/affine/layers.py:" in refused(course)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("# BEGIN SOLUTION\n", "f.py:1: the solution begun here never ends; add '# END SOLUTION'"),
        ("x = 1\n# END SOLUTION\n", "f.py:2: a solution ends that never began; add '# BEGIN SOLUTION'"),
        (
            "# BEGIN SOLUTION\n# BEGIN SOLUTION\n",
            "f.py:2: a solution begins inside the one begun in line 1; end that first",
        ),
    ],
)
def test_a_marker_without_its_partner_is_told(source, told):
    with pytest.raises(AuthorError) as error:
        stub_source(source, "f.py")
    assert told == str(error.value)


def test_a_stub_has_the_authors_words_in_place_of_the_solution():
    source = "a = None\n    # BEGIN SOLUTION: # some math\n    a = 1\n    # END SOLUTION\nb\n"
    assert "a = None\n    # some math\nb\n" == stub_source(source, "f.py")
    assert "# your code here\n" == stub_source("# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", "f.py")
