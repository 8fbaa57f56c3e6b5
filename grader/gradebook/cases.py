"""A fingerprint of each case of a key: what its verdict rests on beside the student's files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from grader.model import AnswerKey, Follows, KeyCase, KeyExercise, KeyMistake
from grader.wire import pack

NOT_JUDGED_BY: dict[str, Any] = {
    "title": "",
    "source": "",
    "points": {},
    "groups": {},
    "cases": [],
    "see": "",
    "hidden_steps": 0,
    "ladder": [],
    "formula": "",
    "graph": None,
}
"""What may change in an exercise without changing a verdict: texts, what verdicts are worth, and the ladder,
which is no case."""


def case_hashes(key: AnswerKey) -> dict[tuple[str, str], bytes]:
    """(exercise, case) → SHA-256 of everything that a verdict on the case rests on.

    That is the case itself, how its exercise is called and judged, and, where these are answers of
    other exercises, those exercises: the forward that makes its cache, the earlier assignment's that
    block it, the earlier answer of a follow-through. A change that cannot matter may change a hash;
    one that matters always does.
    """
    whole = {e.id: _digest(_exercise(e), [_case(c) for c in e.cases]) for e in (*key.required, *key.exercises)}
    hashes = {}
    for exercise in key.exercises:
        own = _exercise(exercise) + pack([key.file, key.hidden])
        needed = [whole[name] for name in (*exercise.requires, exercise.forward) if name in whole]
        for case in exercise.cases:
            hashes[exercise.id, case.id] = _digest(own, [_case(case), *needed, *_followed(case, exercise, whole)])
    return hashes


def _exercise(exercise: KeyExercise) -> bytes:
    known = [KeyMistake(m.id, "", "", m.effect) for m in exercise.mistakes]
    judged_by = msgspec.structs.replace(exercise, mistakes=known, **NOT_JUDGED_BY)
    return pack([list(exercise.points), [name for name, points in exercise.points.items() if points > 0], judged_by])


def _case(case: KeyCase) -> bytes:
    return pack(msgspec.structs.replace(case, title=""))


def _followed(case: KeyCase, exercise: KeyExercise, whole: Mapping[str, bytes]) -> list[bytes]:
    """The exercises whose answers a follow-through of this case starts from."""
    names = [a for c in case.checks.values() if isinstance(c, Follows) for a in c.args if isinstance(a, str)]
    return [whole[name] for name in names if name in whole and name != exercise.id]


def _digest(head: bytes, parts: list[bytes]) -> bytes:
    digest = hashlib.sha256(head)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
