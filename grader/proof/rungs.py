"""What a ladder shows: of the known mistakes that a hidden case finds, those that are wrong on a rung as well."""

from __future__ import annotations

from grader.authoring.exercise import Exercise
from grader.authoring.forms import mistake_forms
from grader.judging.compare import compare
from grader.judging.smallest import SHOWN, case_of
from grader.model import Outcome, OutcomeKind, Raise, Raised, Return, Shape
from grader.proof.suite import Suite


def found_hidden(suite: Suite, exercise: Exercise, mistake: str) -> bool:
    """Whether a hidden case finds what a known mistake returns or raises wrong."""
    keyed = suite.keyed[exercise.id]
    if not keyed.ladder:
        return False
    hidden = [c for c in keyed.cases if not c.visible]
    verdicts = [v for c in hidden for v in compare(outcome_of(keyed.returns, c.mistakes[mistake][0]), c, keyed)]
    return any(not v.passed and v.finding in SHOWN for v in verdicts)


def shown_on_ladder(suite: Suite, exercise: Exercise, mistake: str) -> bool:
    """Whether a known mistake is wrong on a rung of the ladder."""
    keyed = suite.keyed[exercise.id]
    known = next(m for m in suite.authored.mistakes_of(exercise) if m.id == mistake)
    for rung in keyed.ladder:
        did = mistake_forms(suite.authored, exercise, known, rung.inputs)[0]
        if any(not v.passed for v in compare(outcome_of(keyed.returns, did), case_of(keyed, rung), keyed)):
            return True
    return False


def outcome_of(returns: Shape, did: Return | Raise) -> Outcome:
    """The outcome of code that does this."""
    if isinstance(did, Return):
        values = list(did.outputs.values())
        value = {Shape.ONE: values[0], Shape.TUPLE: values, Shape.DICT: did.outputs}[returns]
        return Outcome(OutcomeKind.RETURNED, value)
    if did.type_name == "count":
        return Outcome(OutcomeKind.RETURNED, [])
    return Outcome(OutcomeKind.RAISED, error=Raised(did.type_name, "builtins", did.message))
