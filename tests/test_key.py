"""A key is built of what an author wrote, or refused in one sentence that begins with the file and the line."""

import numpy as np
import pytest

from grader.errors import AuthorError


def refused(course):
    with pytest.raises(AuthorError) as caught:
        course.key()
    return str(caught.value)


def where(course, text='Case("ones"'):
    return f"solutions/small/cases.py:{course.line('cases.py', text)}"


def test_a_reference_that_raises_is_told_with_its_own_line_too(course):
    course.edit("work.py", "    y = 2 * x\n", "    y = 2 * x[5]\n")
    line = course.line("work.py", "y = 2 * x[5]")
    assert (
        f"{where(course)}: case 'ones': the reference of double raised IndexError in solutions/small/work.py:{line}: "
        "index 5 is out of bounds for axis 0 with size 2"
    ) == refused(course)


def test_a_reference_that_is_not_deterministic_is_told(course):
    course.edit(
        "work.py", '"""Twice a number."""\n', '"""Twice a number."""\n\nimport itertools\n\nCALLS = itertools.count()\n'
    )
    course.edit("work.py", "    y = 2 * x\n", "    y = 2 * x + next(CALLS)\n")
    assert f"{where(course)}: case 'ones': the reference of double returned another y the second time" == refused(
        course
    )


def test_a_reference_that_changes_its_input_is_told(course):
    course.edit("work.py", "    y = 2 * x\n", "    x *= 2\n    y = x\n")
    assert (
        f"{where(course)}: case 'ones': the reference of double changed its input x; let it work on a copy"
        == refused(course)
    )


def test_a_reference_that_returns_nothing_is_told(course):
    course.edit("work.py", "    y = 2 * x\n", "    y = None\n")
    assert f"{where(course)}: case 'ones': the reference of double returned no y" == refused(course)


def test_a_reference_that_disagrees_with_its_oracle_is_told(course):
    course.edit("work.py", "    y = 2 * x\n", "    y = x**2 + x\n")
    drawn = where(course, 'Case("drawn"')
    assert (
        f"{drawn}: case 'drawn': the reference's y and the oracle's differ by more than 1e-06 of the largest entry; "
        "one of them is wrong"
    ) == refused(course)


def test_a_worked_number_that_the_reference_does_not_give_is_told(course):
    course.edit("cases.py", '{"y": [2, 2]}', '{"y": [2, 3]}')
    told = refused(course)
    assert told.startswith(f"{where(course)}: case 'ones': the reference's y is array([2., 2.]), and the worked number")


def test_points_that_do_not_add_up_are_told(course):
    course.edit("cases.py", '"work.py", [DOUBLE]', '"work.py", [DOUBLE], points=3')
    line = course.line("cases.py", "ASSIGNMENT =")
    assert (
        f"solutions/small/cases.py:{line}: points=3, and the outputs are worth 2 together; mend the one or the other"
        == refused(course)
    )


def test_no_points_at_all_are_told(course):
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 0}')
    line = course.line("cases.py", "DOUBLE =")
    assert (
        f"solutions/small/cases.py:{line}: double is worth no points; give at least one output more than 0"
        == refused(course)
    )


def test_a_key_holds_what_each_mistake_does(course):
    (exercise,) = course.key().exercises
    for case in exercise.cases:
        x = case.inputs["x"]
        (did,) = case.mistakes["halved"]
        assert np.array_equal(x / 2, did.outputs["y"])
