"""Exit codes of `grade`: what a CI goes by."""

import msgspec
import pytest

from grader.grading import exit_code
from tests.samples import CLASS, Graded, grade

ADA, BOB, CYD, DAN, EVE = CLASS  # full marks, 3, 7 of 12.5, unreadable, ungraded


@pytest.mark.parametrize(
    ("grades", "under", "zero", "code"),
    [
        ([ADA], None, False, 0),
        ([BOB], None, False, 1),
        ([BOB], None, True, 0),
        ([DAN], None, False, 4),
        ([DAN], 50, False, 4),
        ([DAN], None, True, 0),
        ([EVE], None, False, 3),
        ([EVE], 0, False, 3),
        ([EVE], None, True, 3),
        ([BOB], 24, False, 0),
        ([BOB], 24.1, False, 1),
        ([BOB], 100, True, 0),
        ([ADA], 100, False, 0),
        ([ADA, BOB, DAN], None, False, 0),
        ([ADA, CYD], 56, False, 0),
        ([ADA, CYD], 57, False, 1),
        ([ADA, DAN], 1, False, 1),
        ([ADA, EVE, BOB], None, False, 3),
        ([], None, False, 0),
    ],
)
def test_the_exit_code_says_what_a_ci_needs(grades, under, zero, code):
    assert exit_code(Graded(grades), under, zero) == code


@pytest.mark.parametrize("per_cent", range(101))
def test_a_mark_of_just_so_many_per_cent_is_not_under_it(per_cent):
    one = msgspec.structs.replace(grade("ada"), score=per_cent * 1.0, max_score=100.0)
    assert exit_code(Graded([one]), per_cent) == 0
