"""An AnswerKey: an assignment frozen to data for one seed. Its visible part is a student's examples.json."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from grader.plan import Derivative, Plan

KEY_SCHEMA = "grader/key/v1"

Value = Any
"""What the wire carries: None, bool, int, float, str, list, dict with text keys, ndarray."""


class Effect(StrEnum):
    """What a known mistake costs: its output's points, or a remark only."""

    LOSES_MARKS = "loses_marks"
    REMARK = "remark"


class Limits(msgspec.Struct, frozen=True):
    """What one submission may use. Seconds and bytes; `wall` is for one case, `reply` for one answer.

    All answers of a submission together may take four times `reply` in memory.
    """

    wall: float = 2.0
    load_wall: float = 5.0
    total_wall: float = 60.0
    cpu: int = 60
    memory: int = 1 << 30
    output: int = 1 << 20
    reply: int = 1 << 23


class Within(msgspec.Struct, frozen=True, tag="within"):
    """|got − value| ≤ tolerance, element by element, with the same shape.

    `value` is an array, or a list of arrays for an output that is a tuple (affine's cache).
    """

    value: Value
    tolerance: float


class OneOf(msgspec.Struct, frozen=True, tag="one_of"):
    """Every element within tolerance of the same element of one of `values` (relu's slope at 0)."""

    values: list[Value]
    tolerance: float


class Follows(msgspec.Struct, frozen=True, tag="follows"):
    """Within, or right given the student's own earlier answer.

    `formula` names a catalogue function of `args`: a text is an earlier exercise's answer in the
    same case, any other value stands for itself. Right given a wrong earlier answer earns `credit`.
    """

    value: Value
    tolerance: float
    formula: str
    args: list[Value]
    credit: float


Check = Within | OneOf | Follows


class Raise(msgspec.Struct, frozen=True, tag="raise"):
    """What a known mistake does on a case where it returns nothing: it raises this type with this message.

    The message counts: NumPy's tell the shapes, and a type alone says little about its cause.
    """

    type_name: str
    message: str = ""


class Return(msgspec.Struct, frozen=True, tag="return"):
    """What a known mistake returns on a case, by named output."""

    outputs: dict[str, Value]


class KeyMistake(msgspec.Struct, frozen=True, omit_defaults=True):
    """A known wrong answer as a student may read of it; its code stays with the author.

    `see` is the heading in the handout under which the idea stands that it goes against; empty for
    the exercise's own.
    """

    id: str
    name: str
    hint: str
    effect: Effect = Effect.LOSES_MARKS
    see: str = ""


class KeyCase(msgspec.Struct, frozen=True, omit_defaults=True):
    """One set of inputs, how to call the student's function, and what is checked.

    `mistakes` holds what each known mistake does here, once per form in which it is known.
    `variant` tells whose case it is, where every student has numbers of their own. `stand_ins` are
    caches to try on a visible case where the student's own forward function fails.
    """

    id: str
    title: str
    visible: bool
    group: str
    inputs: dict[str, Value]
    plan: Plan
    checks: dict[str, Check]
    mistakes: dict[str, list[Return | Raise]] = {}
    variant: int | None = None
    stand_ins: list[Value] = []


class Rung(msgspec.Struct, frozen=True):
    """A small public set of inputs with what is expected of them, called as the exercise's cases are.

    An exercise's rungs are its ladder, the smallest first: one on which a wrong answer is wrong can
    be shown in full where the case that found it out is hidden.
    """

    id: str
    title: str
    inputs: dict[str, Value]
    checks: dict[str, Check]


class Graph(msgspec.Struct, frozen=True):
    """A network's description, from which its computational graph is drawn.

    `layers` are how many features go in and how many outputs each affine layer has; `names` the operations
    in order, "Affine" and "Loss" among them.
    """

    layers: list[int]
    names: list[str]


class Shape(StrEnum):
    """How the named outputs lie in what the function returns."""

    ONE = "one"
    TUPLE = "tuple"
    DICT = "dict"


class KeyExercise(msgspec.Struct, frozen=True, omit_defaults=True):
    """One function (or answer) that a student writes.

    `points` by named output; `groups` are the weights by which an output's points are shared over
    groups of cases; `shape_credit` is the part of an output's points that is kept when its values
    are right and only its shape is not. `file` is the one that holds the function; `requires` are
    exercises of earlier assignments without which this one is blocked; `forward` is the exercise
    whose function makes this one's cache; `derivative` tells of which forward function the outputs
    are the derivatives. `see` is its own heading in the handout; `hidden_steps` are the steps of a
    hint that a hidden case gives; `ladder` is public, the smallest rung first.
    `formula` is what the exercise starts from, in LaTeX, and never its answer;
    `graph` describes the network whose gradients the outputs are.
    """

    id: str
    title: str
    signature: str
    source: str
    returns: Shape
    points: dict[str, float]
    groups: dict[str, float]
    cases: list[KeyCase]
    mistakes: list[KeyMistake] = []
    shape_credit: float = 0.0
    changes_inputs: Effect = Effect.REMARK
    float32: bool = True
    file: str = ""
    requires: list[str] = []
    forward: str = ""
    derivative: Derivative | None = None
    see: str = ""
    hidden_steps: int = 3
    ladder: list[Rung] = []
    formula: str = ""
    graph: Graph | None = None


class AnswerKey(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment frozen to data.

    `file` is the stub's name; `hidden` tells whether hidden cases are in; `required` are exercises
    of earlier assignments that this one's build on; `variants` is in how many forms it comes; `proof`
    is the mark of a key whose suite was proven, empty where it was not; `sampling` is a secret by which
    submissions are drawn, the same for every key of one seed; `stub` is the structure of the file as
    it was handed out; `handed_out` holds the CRC-32 of the stub and of its notebook as a student gets
    them. `language` is what its students read; `texts` holds for each other language what its English
    titles, names and hints are there.
    """

    schema: str = KEY_SCHEMA
    assignment: str
    title: str
    file: str
    grader: str
    hidden: bool
    limits: Limits
    exercises: list[KeyExercise]
    required: list[KeyExercise] = []
    variants: int = 0
    proof: str = ""
    sampling: str = ""
    stub: bytes = b""
    handed_out: dict[str, int] = {}
    language: str = "en"
    texts: dict[str, dict[str, str]] = {}
