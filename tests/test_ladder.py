"""A ladder's rungs are few, small, of whole numbers, and lead from the smallest up."""

import numpy as np
import pytest

from grader.authoring.ladder import MAX_NUMBERS, WholeNumbers
from grader.errors import AuthorError

RUNGS = """    ladder=[
        Case("one", "One number", lambda rng: {"x": rng.normal(size=1)}),
        Case("three", "Three numbers", lambda rng: {"x": rng.uniform(-1, 1, 3)}),
    ],
    visible="""


@pytest.fixture
def rungs(course):
    course.edit("cases.py", "    visible=", RUNGS)
    return course


def test_an_rng_of_rungs_draws_small_whole_numbers_without_symmetry():
    rng = WholeNumbers(3)
    drawn = [rng.standard_normal((2, 3)), rng.normal(size=4), rng.uniform(-1, 1, (3, 2)), rng.uniform(0, 1, 5)]
    for values in drawn:
        assert np.array_equal(values, np.rint(values))
        assert 2 <= np.min(np.abs(values)) and np.max(np.abs(values)) <= 12
        assert len(np.unique(np.abs(values))) == values.size
    assert np.all(drawn[3] > 0)
    assert 4 == len({np.min(np.abs(values)) for values in drawn})


def test_one_number_is_a_number():
    assert isinstance(WholeNumbers(1).standard_normal(), float)
    assert WholeNumbers(1).uniform() == 2


def test_a_key_holds_the_rungs_with_what_is_expected(rungs):
    (exercise,) = rungs.key().exercises
    assert ["one", "three"] == [r.id for r in exercise.ladder]
    for rung in exercise.ladder:
        assert np.array_equal(2 * rung.inputs["x"], rung.checks["y"].value)
        assert np.array_equal(rung.inputs["x"], np.rint(rung.inputs["x"]))


def test_rungs_are_public_and_the_same_for_every_seed(rungs):
    first, second, shown = (rungs.key(seed).exercises[0].ladder for seed in (b"secret", b"other", None))
    for one, other, third in zip(first, second, shown, strict=True):
        assert np.array_equal(one.inputs["x"], other.inputs["x"])
        assert np.array_equal(one.inputs["x"], third.inputs["x"])


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            "rng.normal(size=1)",
            "np.ones(4)",
            '"three"',
            "rung 'three' of double is smaller than the one before; put the smallest first",
        ),
        (
            "rng.uniform(-1, 1, 3)",
            "np.arange(49.0)",
            '"three"',
            f"rung 'three' of double has 49 numbers in its inputs; expected {MAX_NUMBERS} at most",
        ),
        (
            "rng.uniform(-1, 1, 3)",
            "np.array([0.5, 1.0])",
            '"three"',
            "rung 'three' of double has inputs that are no whole numbers; a student is to check it by hand",
        ),
    ],
)
def test_a_rung_that_shows_little_is_refused_with_its_line(rungs, old, new, line, told):
    rungs.edit("cases.py", old, new)
    rungs.edit("cases.py", "from grader", "import numpy as np\n\nfrom grader")
    with pytest.raises(AuthorError) as caught:
        rungs.key()
    assert f"solutions/small/cases.py:{rungs.line('cases.py', line)}: {told}" == str(caught.value)


def test_too_many_rungs_are_refused_with_the_line_of_the_first_too_many(course):
    rungs = "\n".join(f'        Case("r{i}", "", {{"x": [{i}]}}),' for i in range(6))
    course.edit("cases.py", "    visible=", f"    ladder=[\n{rungs}\n    ],\n    visible=")
    with pytest.raises(AuthorError) as caught:
        course.key()
    assert f"solutions/small/cases.py:{course.line('cases.py', 'r5')}: double has 6 rungs; expected 5 at most" == str(
        caught.value
    )
