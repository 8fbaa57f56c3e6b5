"""What a known mistake does on given inputs, in each of the forms in which it is known."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.authoring.course import Authored
from grader.authoring.exercise import Exercise, Mistake
from grader.model import Raise, Return, Shape
from grader.plan import Plan, Read, run_plan
from grader.values import CountError, named_outputs
from grader.wire import portable

MAX_MESSAGE = 1000


def mistake_forms(
    authored: Authored, exercise: Exercise, mistake: Mistake, inputs: dict[str, Any]
) -> list[Return | Raise]:
    """What the known mistake does on these inputs, in each of its forms."""
    return [_mistaken(authored, exercise, wrong, inputs) for wrong in (mistake.wrong, *mistake.also)]


def _mistaken(
    authored: Authored, exercise: Exercise, wrong: Callable[..., Any], inputs: dict[str, Any]
) -> Return | Raise:
    given = copy.deepcopy(inputs)
    module = {**authored.reference, exercise.id: wrong}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = wrong(**given) if is_number(exercise.plan) else run_plan(exercise.plan, module, given)
        outputs = named_outputs(shape_of(exercise), list(exercise.points), value)
    except CountError:
        return Raise("count")
    except Exception as error:
        return Raise(type(error).__name__, str(error)[:MAX_MESSAGE])
    return Return({k: portable(v) for k, v in outputs.items()})


def is_number(plan: Plan) -> bool:
    """Whether an exercise's answer is a number in the file, and no function's."""
    return isinstance(plan.steps[-1], Read)


def shape_of(exercise: Exercise) -> Shape:
    """How the named outputs lie in what the exercise's function returns."""
    if exercise.returns_dict:
        return Shape.DICT
    return Shape.ONE if len(exercise.points) == 1 else Shape.TUPLE
