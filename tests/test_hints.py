"""Hints come in three steps: the kind of thing, the place in the handout, the mistake."""

import msgspec
import numpy as np
import pytest

from grader.errors import AuthorError
from grader.judging.judge import judge_exercise
from grader.model import KeyCase, KeyExercise, KeyMistake, Outcome, OutcomeKind, Raised, Return, Shape, Within
from grader.plan import Plan, Result

Y = [np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), np.array([[2.0, -1.0, 6.0], [0.5, 3.0, -8.0]])]
READ = "The idea stands in the handout, under “{}”: read that again with your own line beside it."


def exercise(**changes):
    cases = [
        KeyCase(
            f"case{i}",
            "",
            i == 0,
            "all",
            {},
            Plan((), Result("y")),
            {"y": Within(Y[i], 1e-6)},
            {"tripled": [Return({"y": 3 * Y[i]})]},
        )
        for i in range(2)
    ]
    known = [KeyMistake("tripled", "It is tripled", "How often is x taken?", see="Sums")]
    made = KeyExercise("f", "F", "f()", "", Shape.ONE, {"y": 1.0}, {"all": 1.0}, cases, known, see="f")
    return msgspec.structs.replace(made, **changes)


def verdicts(first, second, of=None):
    outcomes = [v if isinstance(v, Outcome) else Outcome(OutcomeKind.RETURNED, v) for v in (first, second)]
    return judge_exercise(of or exercise(), outcomes, "work.py").verdicts


def test_a_known_mistake_is_led_to_in_three_steps():
    shown, hidden = verdicts(3 * Y[0], 3 * Y[1])
    expected = [
        "The shape of y is right. Its values are wrong: each is off by the same factor.",
        READ.format("Sums"),
        "It is tripled. How often is x taken?",
    ]
    assert (expected, expected[2], 0) == (shown.hints, shown.hint, shown.withheld)
    assert (expected, expected[2], 0) == (hidden.hints, hidden.hint, hidden.withheld)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_hidden_case_gives_the_steps_that_the_author_allows(steps):
    shown, hidden = verdicts(3 * Y[0], 3 * Y[1], exercise(hidden_steps=steps))
    assert 3 == len(shown.hints)
    assert (shown.hints[:steps], 3 - steps) == (hidden.hints, hidden.withheld)
    assert (shown.hints[steps - 1] if steps else None) == hidden.hint


def test_without_a_name_there_are_two_steps_and_no_hint():
    shown, _ = verdicts(Y[0] + 1, Y[1] * Y[1])
    assert None is shown.hint
    assert READ.format("f") == shown.hints[1]
    assert 2 == len(shown.hints)


def test_a_handout_without_a_heading_is_not_pointed_at():
    shown, _ = verdicts(Y[0] + 1, Y[1] * Y[1], exercise(see=""))
    assert 1 == len(shown.hints)


def raised():
    return Outcome(OutcomeKind.RAISED, error=Raised("ValueError", "builtins", "no", [(1, "f")]))


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (-Y[0], -Y[1], "The shape of y is right. Its values are wrong: each entry has the wrong sign."),
        (
            2 * Y[0],
            4 * Y[1],
            "The shape of y is right. Its values are wrong: within a case each is off by the same factor, "
            "and another case has another one.",
        ),
        (Y[0][::-1], Y[1][::-1], "The shape of y is right. Its values are wrong: the right numbers stand in the wrong places."),
        (
            Y[0] + np.eye(2, 3),
            Y[1] + np.eye(2, 3),
            "The shape of y is right. Its values are wrong: some entries are right and others are not.",
        ),
        (
            Y[0],
            Y[1] + Y[1] ** 2,
            "The shape of y is right. Its values are wrong for some inputs and right for others: "
            "no factor and no change of sign or place would make them right.",
        ),
        (Y[0].T, Y[1].T, "y has the wrong shape."),
        (Y[0].T, Y[1] + 1, "Both the shape and the values of y are wrong."),
        (Y[0], Y[1][0], "y has the wrong shape for some inputs."),
        (Y[0] * np.nan, Y[1], "y holds numbers that are not finite for some inputs."),
        ("text", "text", "y is of the wrong type."),
        (None, Y[1], "y is not returned for some inputs."),
        (raised(), raised(), "The function stops with an exception."),
    ],
)  # fmt: skip
def test_the_first_step_tells_what_is_true_of_every_case_that_failed(first, second, kind):
    found = verdicts(first, second)
    assert kind == next(v for v in found if not v.passed).hints[0]


def test_what_did_not_end_has_no_hints():
    shown, _ = verdicts(Outcome(OutcomeKind.TIMED_OUT), Outcome(OutcomeKind.TIMED_OUT))
    assert [] == shown.hints


def test_a_mistake_sees_a_heading_of_the_handout(course):
    course.edit("handout.md", "Write `double`.", "## Why `twice`\n\n## Other\n\nWrite `double`.")
    course.edit("mistakes.py", 'hint="More or less than x?"', 'hint="More or less than x?", see="Why twice"')
    (made,) = course.key().exercises
    assert {"squared": "", "halved": "Why twice"} == {m.id: m.see for m in made.mistakes}
    assert "" == made.see


def test_an_exercise_sees_the_heading_that_names_it(course):
    course.edit("handout.md", "Write `double`.", "## Other\n\n## `double`, twice")
    assert "double, twice" == course.key().exercises[0].see


def test_a_heading_that_is_not_there_is_refused_with_the_line(course):
    course.edit("handout.md", "Write `double`.", "## One\n\n```\n## no heading\n```\n\n### Two\n")
    course.edit("mistakes.py", 'hint="More or less than x?"', 'hint="More or less than x?", see="Three"')
    line = course.line("mistakes.py", 'Mistake("double", halved')
    with pytest.raises(AuthorError) as caught:
        course.load()
    expected = f"solutions/small/mistakes.py:{line}: see='Three'; expected a heading of handout.md (One, Two)"
    assert expected == str(caught.value)


def test_a_hint_has_three_steps_at_most(course):
    course.edit("cases.py", "    visible=", "    hidden_steps=4,\n    visible=")
    with pytest.raises(AuthorError) as caught:
        course.load()
    line = course.line("cases.py", "DOUBLE = ")
    assert f"solutions/small/cases.py:{line}: hidden_steps=4; a hint has three steps, give 0 to 3" == str(caught.value)
