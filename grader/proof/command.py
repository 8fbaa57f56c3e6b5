"""`grader prove` and `grader key`: a course's assignments proven, remembered, and frozen to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from grader.authoring.course import Authored, assignment_names, load_assignment
from grader.authoring.key import build_key
from grader.errors import UsageError
from grader.keyfile import dump_key
from grader.model import AnswerKey
from grader.proof.prove import chosen_exercises, proof_of
from grader.proof.record import remember, remembered
from grader.proof.result import Proof
from grader.sandbox.warm import ZygoteLauncher
from grader.whole import whole

Say = Callable[[str], None]


def prove(course: Path, assignment: str | None, exercises: Sequence[str], seed: bytes, say: Say) -> list[Proof]:
    """Prove one assignment, or all of the course, and remember what holds.

    Raises
    ------
    UsageError : no such assignment or exercise; an exercise without its assignment.
    AuthorError : an assignment that cannot be built at all.
    """
    if exercises and assignment is None:
        raise UsageError(f"-e {exercises[0]}: expected the assignment too, as in 'grader prove affine -e dL_dW'")
    proofs = []
    for name in [assignment] if assignment is not None else assignment_names(course):
        authored = load_assignment(course, name)
        chosen_exercises(authored, exercises)
        say(f"{name}: proving …")
        proof = _proof(authored, build_key(authored, seed), exercises)
        if not exercises:
            remember(course, authored, seed, proof)
        proofs.append(proof)
    return proofs


def proven_key(course: Path, assignment: str, seed: bytes, say: Say) -> tuple[AnswerKey, Proof | None]:
    """The key of an assignment, with its mark; and the proof, where it had to be made anew.

    The key carries no mark where the proof does not hold.
    """
    authored = load_assignment(course, assignment)
    key = build_key(authored, seed)
    if mark := remembered(course, authored, seed):
        return msgspec.structs.replace(key, proof=mark), None
    say(f"{assignment}: proving …")
    proof = _proof(authored, key, ())
    remember(course, authored, seed, proof)
    return msgspec.structs.replace(key, proof=proof.proof), proof


def write_key(path: Path, key: AnswerKey) -> None:
    """Write the key for its owner's eyes alone: it holds every answer.

    Raises
    ------
    UsageError : the file cannot be written.
    """
    with whole(path, private=True) as file:
        file.write(dump_key(key))


def _proof(authored: Authored, key: AnswerKey, exercises: Sequence[str]) -> Proof:
    launcher = ZygoteLauncher()
    try:
        return proof_of(authored, key, launcher, exercises)
    finally:
        launcher.close()
