"""Grades as tests: one for each named output of each case, hidden ones without their names."""

import pytest

from grader.model import Place, Status
from grader.reports.tests import Result, path_of, results, suites
from tests.samples import CLASS, Graded, grade, one_graded, own_check, run, whole_class


def by_exercise(made):
    return {suite.exercise: suite for suite in suites(made)}


def test_every_output_of_every_case_is_a_test_and_hidden_cases_have_numbers():
    backward = by_exercise(one_graded())["backward"]
    assert [(t.name, t.visible, t.result) for t in backward.tests] == [
        ("dx: worked", True, Result.PASSED),
        ("dw: worked", True, Result.FAILED),
        ("dx: hidden case 1", False, Result.PASSED),
        ("dw: hidden case 1", False, Result.FAILED),
        ("dx: hidden case 2", False, Result.PASSED),
        ("dw: hidden case 2", False, Result.FAILED),
    ]
    assert (backward.score, backward.max_score, backward.names) == (3.0, 6.0, ["affine", "bob", "backward"])


def test_the_hint_stands_before_the_message():
    backward = by_exercise(one_graded())["backward"]
    assert backward.tests[3].lines == ["Which of x and dout is transposed?", "dw has the wrong shape"]
    assert backward.tests[0].lines == ["dw[0, 1] is 20, expected 32"]


def test_raised_and_timed_out_are_errors_and_what_was_not_tried_is_skipped():
    told = by_exercise(one_graded())
    assert [(t.result, t.raw) for t in told["forward"].tests] == [
        (Result.ERROR, "raised"),
        (Result.ERROR, "raised"),
        (Result.ERROR, "timed_out"),
    ]
    assert {(t.result, t.raw) for t in told["bias"].tests} == {(Result.SKIPPED, "not_attempted")}
    assert [e for e, suite in told.items() if suite.untouched] == ["bias"]
    assert by_exercise(run(CLASS))["bias"].untouched  # blocked


def test_a_case_takes_its_time_once():
    told = by_exercise(one_graded())
    assert [t.seconds for t in told["backward"].tests] == [0.0005, 0, 0.0306, 0, 0.002, 0]
    assert [t.seconds for t in told["forward"].tests] == [0.0104, 0.002, 0.001]


def test_a_submission_without_a_grade_is_one_test_that_did_not_end():
    names = {".".join(suite.names): suite for suite in suites(whole_class())}
    assert len(names) == 11
    (test,) = names["affine.dan"].tests
    assert (test.result, test.raw, test.lines[0]) == (Result.ERROR, "unreadable", "layers.py, line 1: invalid syntax")
    (test,) = names["affine.eve"].tests
    assert (test.result, test.raw) == (Result.ERROR, "ungraded")


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("layers.py:7: invalid syntax\n    x =", Place("layers.py", 7)),
        ("other.py:7: invalid syntax", None),
        ("layers.py: holds null bytes", None),
        (None, None),
    ],
)
def test_where_a_file_that_cannot_be_read_is_no_python(message, place):
    one = grade("dan", [], status=Status.UNREADABLE, message=message)
    (suite,) = suites(one_graded(one))
    assert place == suite.place


def test_a_path_is_seen_from_the_repositorys_top():
    assert path_of(own_check(), Place("layers.py", 3)) == "work/affine/layers.py"
    assert path_of(run(CLASS), Place("layers.py", 3)) == "layers.py"
    assert path_of(run(CLASS, folder="."), Place("layers.py", 3)) == "layers.py"
    assert path_of(run(CLASS), None) == ""


def test_results_are_counted_as_the_tests_are_made():
    for made in (own_check(), one_graded(), whole_class(), run(Graded())):
        tests = [test for suite in suites(made) for test in suite.tests]
        counts, seconds = results(made)
        assert counts == {result: sum(test.result is result for test in tests) for result in Result}
        assert abs(seconds - sum(test.seconds for test in tests)) < 1e-12
