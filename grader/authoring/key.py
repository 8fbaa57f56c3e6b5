"""Assignment + seed → AnswerKey: the reference is run once, here, and never where students' code is."""

from __future__ import annotations

import ast
import copy
import hashlib
import inspect
import traceback
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from grader import __version__
from grader.authoring.course import Authored, namespace, own_heading, relative
from grader.authoring.exercise import Case, Exercise, Follow, NearestOf
from grader.authoring.forms import is_number, mistake_forms, shape_of
from grader.authoring.ladder import WholeNumbers, check_ladder, rung_of
from grader.authoring.splice import with_functions
from grader.authoring.stub import stub_source
from grader.authoring.tolerance import TooFarError, derived_tolerances, distance, largest, leaves, rounded_to_float32
from grader.errors import AuthorError
from grader.model import (
    AnswerKey,
    Check,
    Follows,
    KeyCase,
    KeyExercise,
    KeyMistake,
    OneOf,
    Within,
)
from grader.plan import run_plan
from grader.structure import structure
from grader.values import CountError, named_outputs
from grader.wire import portable

PUBLIC_SEED = b"visible"

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""inputs → named outputs."""


def build_key(authored: Authored, seed: bytes | None) -> AnswerKey:
    """The assignment frozen to data.

    Parameters
    ----------
    authored : the assignment as loaded from solutions/.
    seed : the secret from which hidden cases are drawn; None leaves them out, which gives a
        student's examples.

    Raises
    ------
    AuthorError : the reference raises, changes its inputs, is not deterministic, disagrees with
        its oracle or with the worked numbers.
    """
    exercises = [_exercise(authored, e, seed) for e in authored.assignment.exercises]
    exercises = [e for e in exercises if e.cases]  # a student's examples leave out what has hidden cases only
    needed = {name for e in authored.assignment.exercises for name in e.requires}
    required = [_exercise(a, e, seed) for a in authored.earlier for e in a.assignment.exercises if e.id in needed]
    return AnswerKey(
        assignment=authored.name,
        title=authored.assignment.title,
        file=authored.assignment.file,
        grader=__version__,
        hidden=seed is not None,
        limits=authored.assignment.limits,
        exercises=exercises,
        required=required,
        variants=max(e.variants for e in authored.assignment.exercises),
        sampling="" if seed is None else hashlib.sha256(b"sampling\0%b\0" % authored.name.encode() + seed).hexdigest(),
        stub=b"" if seed is None else _stub(authored),
        language=authored.language,
        texts=_texts(authored),
    )


def _texts(authored: Authored) -> dict[str, dict[str, str]]:
    """By language what the assignment's English texts are there, with those of assignments that it uses."""
    every = (*authored.earlier, authored)
    languages = sorted({language for one in every for language in one.texts})
    return {
        language: dict(pair for one in every for pair in one.texts.get(language, {}).items()) for language in languages
    }


def _stub(authored: Authored) -> bytes:
    """The structure of the file as it is handed out: what every student has is nobody's own."""
    return structure(ast.parse(stub_source(authored.source, authored.assignment.file)))


def _exercise(authored: Authored, exercise: Exercise, seed: bytes | None) -> KeyExercise:
    make = partial(_case, authored, exercise, others=right_answers(authored, exercise))
    cases = [make(case, PUBLIC_SEED, visible=True) for case in exercise.visible]
    if seed is not None and exercise.variants:
        cases += [
            make(case, PUBLIC_SEED, visible=False, variant=number)
            for number in range(exercise.variants)
            for case in exercise.hidden
        ]
    elif seed is not None:
        cases += [make(case, seed, visible=False) for case in exercise.hidden]
    rungs = [
        (relative(c.where, authored.folder.parent.parent), rung_of(make(c, PUBLIC_SEED, visible=True, whole=True)))
        for c in exercise.ladder
    ]
    check_ladder(exercise.id, rungs)
    groups = dict(exercise.groups) or dict.fromkeys((c.group for c in (*exercise.visible, *exercise.hidden)), 1.0)
    present = {c.group for c in cases}
    return KeyExercise(
        id=exercise.id,
        title=exercise.title,
        signature=_signature(authored, exercise),
        source=exercise.source,
        returns=shape_of(exercise),
        points={name: float(worth) for name, worth in exercise.points.items()},
        groups={name: float(weight) for name, weight in groups.items() if name in present},
        cases=cases,
        mistakes=[KeyMistake(m.id, m.name, m.hint, m.effect, m.see) for m in authored.mistakes_of(exercise)],
        shape_credit=exercise.shape_credit,
        changes_inputs=exercise.changes_inputs,
        float32=exercise.float32,
        file=authored.assignment.file,
        requires=list(exercise.requires),
        forward=exercise.forward,
        formula=exercise.formula,
        graph=exercise.graph,
        derivative=exercise.derivative,
        see=exercise.see or own_heading(authored.handout, exercise.id),
        hidden_steps=exercise.hidden_steps,
        ladder=[rung for _, rung in rungs],
    )


def _signature(authored: Authored, exercise: Exercise) -> str:
    target = exercise.plan.targets()[-1]
    found = authored.reference[target]
    return f"{target}{inspect.signature(found)}" if callable(found) else target


# ---------------------------------------------------------------------------------------- cases


def _case(
    authored: Authored,
    exercise: Exercise,
    case: Case,
    seed: bytes,
    *,
    visible: bool,
    others: Mapping[str, Answer],
    variant: int | None = None,
    whole: bool = False,
) -> KeyCase:
    whose = exercise.id if variant is None else f"variant {variant}"
    inputs = case_inputs(authored, case, seed, whose, WholeNumbers if whole else np.random.default_rng)
    expected = _expected(exercise, case, inputs, answerer(authored, exercise, case), authored)
    for name, off in oracle_distances(exercise, inputs, _nearest_first(expected)).items():
        if not off <= 1:
            raise AuthorError(
                f"{_at(case, authored)}: case {case.id!r}: the reference's {name} and the oracle's differ by more "
                f"than {exercise.oracle_tolerance:g} of the largest entry; one of them is wrong"
            )
    return KeyCase(
        id=case.id,
        title=case.title,
        visible=visible,
        group=case.group,
        inputs={k: portable(v) for k, v in inputs.items()},
        plan=exercise.plan,
        checks=checks_of(authored, exercise, case, inputs, expected, others),
        mistakes={}
        if whole
        else {m.id: mistake_forms(authored, exercise, m, inputs) for m in authored.mistakes_of(exercise)},
        variant=variant,
        stand_ins=_stand_ins(exercise, inputs) if visible else [],
    )


def case_inputs(
    authored: Authored,
    case: Case,
    seed: bytes,
    whose: str,
    make: Callable[[int], np.random.Generator] = np.random.default_rng,
) -> dict[str, Any]:
    """The case's inputs; each case has an rng of its own, so that one more case moves no other.

    `whose` is the exercise's id; for a variant its number, so that all exercises of one student's
    variant have the same inputs. `make` makes the rng.
    """
    if not callable(case.inputs):
        drawn: Mapping[str, Any] = case.inputs
    else:
        text = "\0".join([authored.name, whose, case.id]).encode()
        entropy = int.from_bytes(hashlib.sha256(seed + b"\0" + text).digest(), "big")
        drawn = case.inputs(make(entropy))
    return {k: np.array(v, dtype=np.float64) if isinstance(v, list) else v for k, v in drawn.items()}


def answerer(authored: Authored, exercise: Exercise, case: Case) -> Answer:
    """What is right: by the exercise's own `answer` or by running the reference."""
    own = exercise.answer

    def answer(inputs: dict[str, Any]) -> dict[str, Any]:
        value = own(**inputs) if own is not None else run_plan(exercise.plan, authored.reference, inputs)
        try:
            return named_outputs(shape_of(exercise), list(exercise.points), value)
        except CountError as error:
            raise AuthorError(f"{_at(case, authored)}: {exercise.id}'s right answer: {error}") from None

    return answer


def checks_of(
    authored: Authored,
    exercise: Exercise,
    case: Case,
    inputs: dict[str, Any],
    expected: dict[str, Any],
    others: Mapping[str, Answer],
) -> dict[str, Check]:
    """What is checked of a case: by named output the expected value and its tolerance.

    `others` are the exercise's right answers, as `right_answers` gives them.
    """
    own = own_tolerance(case, inputs)
    if own is not None:
        tolerances = dict.fromkeys(expected, own)
    else:
        answer = answerer(authored, exercise, case)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                tolerances = derived_tolerances(
                    answer, inputs, expected, _rounded(authored, exercise, answer), list(others.values())
                )
        except TooFarError as error:
            raise AuthorError(
                f"{_at(case, authored)}: case {case.id!r} of {exercise.id}: right answers ({', '.join(others)}) do not "
                f"agree: {error}; one of them is wrong, or the case needs a tolerance of its own"
            ) from None
    return {n: check_of(v, tolerances[n], case.follow.get(n), inputs) for n, v in expected.items()}


def own_tolerance(case: Case, inputs: dict[str, Any]) -> float | None:
    """The tolerance that a case has of its own, written out or computed from its inputs."""
    own = case.tolerance(**copy.deepcopy(inputs)) if callable(case.tolerance) else case.tolerance
    return None if own is None else float(own)


def right_answers(authored: Authored, exercise: Exercise) -> dict[str, Answer]:
    """The reference, and what variants.py has for the exercise, by title; run in this process."""
    answers: dict[str, Answer] = {}
    if not is_number(exercise.plan):
        answers["the reference"] = _by_module(exercise, authored.reference)
    for correct in authored.variants_of(exercise):
        right = correct.functions.get(exercise.id)
        if is_number(exercise.plan) and right is not None:
            answer = _by_formula(exercise, right)
        else:
            text = with_functions(authored.source, correct.functions, authored.variants_source)
            answer = _by_module(exercise, namespace(authored, text))
        answers[correct.title] = _blamed(answer, relative(correct.where, authored.folder.parent.parent), correct.title)
    return answers


def _by_module(exercise: Exercise, module: Mapping[str, Any]) -> Answer:
    def answer(inputs: dict[str, Any]) -> dict[str, Any]:
        value = run_plan(exercise.plan, module, copy.deepcopy(inputs))
        return named_outputs(shape_of(exercise), list(exercise.points), value)

    return answer


def _by_formula(exercise: Exercise, formula: Callable[..., Any]) -> Answer:
    return lambda inputs: named_outputs(shape_of(exercise), list(exercise.points), formula(**copy.deepcopy(inputs)))


def _blamed(answer: Answer, where: str, title: str) -> Answer:
    """An answer of variants.py; whatever it raises is its author's."""

    def blamed(inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer(inputs)
        except Exception as error:
            raise AuthorError(f"{where}: the right answer ({title}) raised {type(error).__name__}: {error}") from None

    return blamed


def _rounded(authored: Authored, exercise: Exercise, answer: Answer) -> Answer | None:
    """What is right, computed in float32, where that is accepted."""
    if not exercise.float32:
        return None
    whole = answer if is_number(exercise.plan) else _by_module(exercise, authored.reference)
    return lambda inputs: {k: rounded_to_float32(v) for k, v in whole(rounded_to_float32(inputs)).items()}


def _expected(
    exercise: Exercise,
    case: Case,
    inputs: dict[str, Any],
    answer: Answer,
    authored: Authored,
) -> dict[str, Any]:
    where = f"{_at(case, authored)}: case {case.id!r}"
    kept = copy.deepcopy(inputs)
    try:
        first, second = answer(inputs), answer(copy.deepcopy(kept))
    except AuthorError:
        raise
    except Exception as error:
        told = f"raised {type(error).__name__} in {_line_of(error, authored)}: {error}"
        raise AuthorError(f"{where}: the reference of {exercise.id} {told}") from None
    for name in kept:
        if not _same(inputs[name], kept[name]):
            raise AuthorError(
                f"{where}: the reference of {exercise.id} changed its input {name}; let it work on a copy"
            )
    for name, value in first.items():
        if value is None:
            raise AuthorError(f"{where}: the reference of {exercise.id} returned no {name}")
        if not _same(_nearest_first(first)[name], _nearest_first(second)[name]):
            raise AuthorError(f"{where}: the reference of {exercise.id} returned another {name} the second time")
    for name, worked in (case.expect or {}).items():
        if not _close(_nearest_first(first)[name], np.asarray(worked), 1e-9):
            raise AuthorError(
                f"{where}: the reference's {name} is {first[name]!r}, and the worked number is {worked!r}"
            )
    return first


def _line_of(error: Exception, authored: Authored) -> str:
    """The author's own line that raised, as file:line: the last one in a file of the course."""
    course = authored.folder.parent.parent
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(f"{course}/")]
    return f"{relative(frames[-1].filename, course)}:{frames[-1].lineno}" if frames else authored.assignment.file


def oracle_distances(exercise: Exercise, inputs: dict[str, Any], expected: dict[str, Any]) -> dict[str, float]:
    """By named output how far the oracle's value lies from the expected one, in parts of what is allowed."""
    value = exercise.oracle(**copy.deepcopy(inputs))
    second = value if isinstance(value, dict) else named_outputs(shape_of(exercise), list(expected), value)
    wholes = {k: v if isinstance(expected[k], (tuple, list, dict)) else np.asarray(v) for k, v in second.items()}
    allowed = {name: exercise.oracle_tolerance * max(1.0, largest(whole)) for name, whole in wholes.items()}
    return {name: distance(expected[name], whole) / allowed[name] for name, whole in wholes.items()}


def check_of(value: Any, tolerance: float, follow: Follow | None, inputs: dict[str, Any]) -> Check:
    """What is checked of one output: its right value, or one of several, within a tolerance."""
    if isinstance(value, NearestOf):
        return OneOf([portable(v) for v in value.values], tolerance)
    if follow is None:
        return Within(_expected_value(value), tolerance)
    args = [inputs.get(a, a) if isinstance(a, str) else a for a in follow.args]
    return Follows(_expected_value(value), tolerance, follow.formula, [portable(a) for a in args], follow.credit)


def _expected_value(value: Any) -> Any:
    """A tuple stays a list of arrays; everything else becomes one array."""
    return portable([np.asarray(v) for v in value] if isinstance(value, (list, tuple)) else np.asarray(value))


def _stand_ins(exercise: Exercise, inputs: dict[str, Any]) -> list[Any]:
    """Caches to offer where the student's own forward function fails; the inputs' own and public ones."""
    return [] if exercise.stand_ins is None else [portable(v) for v in exercise.stand_ins(**copy.deepcopy(inputs))]


# ----------------------------------------------------------------------------------- comparisons


def _nearest_first(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.values[0] if isinstance(v, NearestOf) else v for k, v in values.items()}


def _same(a: Any, b: Any) -> bool:
    left, right = leaves(a), leaves(b)
    return len(left) == len(right) and all(
        np.array_equal(x, y, equal_nan=True) for x, y in zip(left, right, strict=True)
    )


def _close(got: Any, want: Any, relative_tolerance: float) -> bool:
    bound = relative_tolerance * max(1.0, largest(want))
    left, right = leaves(got), leaves(want)
    return len(left) == len(right) and all(
        x.shape == y.shape and bool(np.all(np.abs(x - y) <= bound)) for x, y in zip(left, right, strict=True)
    )


def _at(case: Case, authored: Authored) -> str:
    return relative(case.where, authored.folder.parent.parent)
