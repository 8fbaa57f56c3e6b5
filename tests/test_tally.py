"""A class counted: marks, difficulty, discrimination, mistakes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import full, grade, make_class, make_key, open_still, raised, right, wrong_gradients

from grader.reports.entry import Entry
from grader.reports.tally import Tally


def tally(grades, key=None):
    made = Tally(key or make_key())
    for one in grades:
        made.add(Entry.of(one))
    return made


def test_marks_outcomes_and_states_of_a_class():
    made = tally(make_class())
    assert (9, 9, 1) == (made.students, made.handed_in, made.full)
    assert {"graded": 7, "unreadable": 1, "ungraded": 1} == dict(made.statuses)
    assert {"raised": 3} == dict(made.outcomes)
    assert [2, 0, 0, 0, 0, 2, 0, 0, 3, 1] == made.bins
    gradients, f, g = made.exercises()
    assert {"solved": 4, "partly": 2, "wrong": 0, "open": 1} == gradients.states
    assert {"solved": 3, "partly": 0, "wrong": 3, "open": 1} == f.states
    assert pytest.approx((4 + 2 * 0.5) / 7) == gradients.difficulty
    assert pytest.approx(4 / 7) == g.difficulty


def test_mistakes_are_ranked_by_students_and_carry_what_to_say():
    ranked = tally(make_class()).mistakes()
    assert [("f", 3), ("affine_backward", 2)] == [(m.exercise, m.students) for m in ranked]
    assert ("raises an exception", "") == (ranked[0].name, ranked[0].hint)
    known = ranked[1]
    assert ("w is not transposed", "Multiply only what fits: try a w that is not square.") == (known.name, known.hint)


def test_a_mistake_in_several_cases_counts_once_for_a_student():
    assert [1] == [m.students for m in tally([grade("a", [wrong_gradients(), right("f"), right("g")])]).mistakes()]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=3, max_size=30))
def test_discrimination_is_the_correlation_with_the_other_exercises_points(answers):
    """Held against NumPy's own correlation."""
    made = [
        grade(
            str(i),
            [
                full() if a else open_still("affine_backward"),
                right("f") if b else raised("f"),
                right("g") if c else open_still("g"),
            ],
        )
        for i, (a, b, c) in enumerate(answers)
    ]
    scores = np.array([[e.score for e in g.exercises] for g in made])
    for number, exercise in enumerate(tally(made).exercises()):
        own, others = scores[:, number], scores.sum(axis=1) - scores[:, number]
        if np.ptp(own) == 0 or np.ptp(others) == 0:
            assert exercise.discrimination is None
        else:
            assert pytest.approx(np.corrcoef(own, others)[0, 1], abs=1e-9) == exercise.discrimination


@given(st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_mean_and_median_are_numpys(marks):
    made = tally([grade(str(i), [], score=float(m)) for i, m in enumerate(marks)])
    assert pytest.approx(np.mean(marks)) == made.mean
    assert np.median(marks) == made.median
    assert len(marks) == sum(made.bins)


def test_a_class_of_nobody_has_no_figures():
    made = tally([])
    assert (None, None, []) == (made.mean, made.median, made.mistakes())
    assert [(None, None)] * 3 == [(e.difficulty, e.discrimination) for e in made.exercises()]


def test_a_mark_by_hand_counts_and_one_who_handed_nothing_in_is_no_mark():
    made = Tally(make_key())
    made.add(Entry(id="a", grade=grade("a"), mark=12.0, max_score=10.0))
    made.add(Entry(id="b", grade=None, mark=None, max_score=10.0))
    assert (2, 1, 12.0, 1) == (made.students, made.handed_in, made.mean, made.full)
    assert 1 == made.statuses["nothing handed in"]
