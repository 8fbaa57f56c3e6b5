"""Makes AnswerKeys. What a cases.py imports is here; it reads like the page that it comes from."""

from grader.authoring.exercise import (
    ANSWER,
    Assignment,
    Case,
    Correct,
    Effect,
    Equivalent,
    Exercise,
    Follow,
    Graph,
    Mistake,
    NearestOf,
    call,
    derivative,
    public,
    read,
    result,
    steps,
    table,
)
from grader.authoring.formula import chain
from grader.authoring.oracles import central_gradient, contraction

__all__ = [
    "ANSWER",
    "Assignment",
    "Case",
    "Correct",
    "Effect",
    "Equivalent",
    "Exercise",
    "Follow",
    "Graph",
    "Mistake",
    "NearestOf",
    "call",
    "central_gradient",
    "chain",
    "contraction",
    "derivative",
    "public",
    "read",
    "result",
    "steps",
    "table",
]
