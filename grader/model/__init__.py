"""The words of the house, frozen and typed, without logic: `Submission → Outcomes → Verdicts → Grade → Reports`."""

from grader.model.grade import GRADES_SCHEMA, Evidence, ExerciseGrade, Finding, Grade, Status, Verdict
from grader.model.key import (
    KEY_SCHEMA,
    AnswerKey,
    Check,
    Effect,
    Follows,
    KeyCase,
    KeyExercise,
    KeyMistake,
    Limits,
    OneOf,
    Raise,
    Return,
    Shape,
    Value,
    Within,
)
from grader.model.outcome import MAX_FRAMES, MAX_MESSAGE, MAX_NAME, Loaded, Name, Outcome, OutcomeKind, Raised, Sentence
from grader.model.submission import Cell, Notebook, Origin, Submission

PROOF_SCHEMA = "grader/proof/v1"

__all__ = [
    "GRADES_SCHEMA",
    "KEY_SCHEMA",
    "MAX_FRAMES",
    "MAX_MESSAGE",
    "MAX_NAME",
    "PROOF_SCHEMA",
    "AnswerKey",
    "Cell",
    "Check",
    "Effect",
    "Evidence",
    "ExerciseGrade",
    "Finding",
    "Follows",
    "Grade",
    "KeyCase",
    "KeyExercise",
    "KeyMistake",
    "Limits",
    "Loaded",
    "Name",
    "Notebook",
    "OneOf",
    "Origin",
    "Outcome",
    "OutcomeKind",
    "Raise",
    "Raised",
    "Return",
    "Sentence",
    "Shape",
    "Status",
    "Submission",
    "Value",
    "Verdict",
    "Within",
]
