"""An exercise on inputs drawn anew: what is named for a wrong answer has to be true of it there as well."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from grader.authoring.exercise import Exercise
from grader.authoring.forms import mistake_forms
from grader.authoring.key import answerer, case_inputs, check_of
from grader.judging.compare import compare
from grader.judging.diagnose import diagnose
from grader.model import KeyCase, KeyExercise, Outcome, OutcomeKind, Raise, Raised, Return
from grader.plan import run_plan
from grader.proof.suite import Suite
from grader.wire import portable

SEED = b"elsewhere"


class Elsewhere:
    """The cases of an exercise that are drawn from an rng, drawn once more. All that runs is the author's own."""

    def __init__(self, suite: Suite, exercise: Exercise) -> None:
        self._suite = suite
        self._exercise = exercise
        self._forms: dict[str, list[list[Return | Raise]]] = {}

    @cached_property
    def _cases(self) -> list[KeyCase]:
        """Inputs and what is right; the tolerances are those of the key's cases of the same names."""
        authored, exercise = self._suite.authored, self._exercise
        keyed = {c.id: c for c in self._suite.keyed[exercise.id].cases}
        made = []
        for case in (*exercise.visible, *exercise.hidden):
            if callable(case.inputs) and case.id in keyed:
                inputs = case_inputs(authored, case, SEED, exercise.id)
                expected = answerer(authored, exercise, case)(copy.deepcopy(inputs))
                checks = {n: check_of(v, keyed[case.id].checks[n].tolerance, None, inputs) for n, v in expected.items()}
                made.append(KeyCase(case.id, "", False, "", inputs, exercise.plan, checks))
        return made

    def exercise(self, names: Collection[str]) -> KeyExercise:
        """The exercise as a key has it, with what these known mistakes do."""
        keyed = self._suite.keyed[self._exercise.id]
        known = [m for m in keyed.mistakes if m.id in names]
        for mistake in self._suite.authored.mistakes_of(self._exercise):
            if mistake.id in names and mistake.id not in self._forms:
                self._forms[mistake.id] = [
                    mistake_forms(self._suite.authored, self._exercise, mistake, c.inputs) for c in self._cases
                ]
        cases = [
            msgspec.structs.replace(c, mistakes={m.id: self._forms[m.id][i] for m in known})
            for i, c in enumerate(self._cases)
        ]
        return msgspec.structs.replace(keyed, cases=cases, mistakes=known)

    def outcomes_of(self, module: Mapping[str, Any]) -> list[Outcome]:
        """What comes back from another text of the reference."""
        return [self._outcome(module, case) for case in self._cases]

    def _outcome(self, module: Mapping[str, Any], case: KeyCase) -> Outcome:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value = run_plan(self._exercise.plan, module, copy.deepcopy(case.inputs))
        except Exception as error:
            name = type(error).__name__
            return Outcome(OutcomeKind.RAISED, error=Raised(name, type(error).__module__, str(error)[:1000]))
        return Outcome(OutcomeKind.RETURNED, portable(value))

    def agrees(self, names: Mapping[str, str], outcomes: Sequence[Outcome]) -> bool:
        """Whether these outcomes are told the same as the answer was, output by output."""
        if not self._cases:
            return True
        exercise = self.exercise(set(names.values()))
        with np.errstate(all="ignore"):
            verdicts = [compare(o, c, exercise) for o, c in zip(outcomes, exercise.cases, strict=True)]
            found = diagnose(exercise, outcomes, verdicts)
        return all(output in found and found[output].mistake == name for output, name in names.items())
