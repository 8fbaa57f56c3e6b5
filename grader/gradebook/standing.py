"""A student's current mark, from attempts, rules and what was set by hand; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from grader.gradebook.records import Attempt, Basis, Extension, Override, Standing
from grader.gradebook.rules import DECIMALS, Rules, after_penalty, counting, due, periods_late
from grader.model import Status


class Result(msgspec.Struct, frozen=True):
    """One attempt with the result that counts for it; `at` is when it was first recorded."""

    attempt: Attempt
    at: datetime
    basis: Basis
    status: Status
    score: float | None
    points: dict[str, float]


class Hand(msgspec.Struct):
    """What was set by hand for one student: marks by exercise, a whole mark, comments in their order."""

    points: dict[str, float] = {}
    mark: float | None = None
    comments: list[str] = []
    extension: datetime | None = None


def by_hand(overrides: Sequence[Override], extensions: Sequence[Extension]) -> Hand:
    """The state after every override and extension, in the order in which they were given."""
    hand = Hand()
    for given in overrides:
        if given.withdrawn and given.exercise is None:
            hand.mark = None
        elif given.withdrawn and given.exercise is not None:
            hand.points.pop(given.exercise, None)
        elif given.mark is not None and given.exercise is None:
            hand.mark = given.mark
        elif given.mark is not None and given.exercise is not None:
            hand.points[given.exercise] = given.mark
        if given.comment:
            hand.comments.append(given.comment if given.exercise is None else f"{given.exercise}: {given.comment}")
    if extensions:
        hand.extension = extensions[-1].until
    return hand


def standing_of(
    student: str, results: Sequence[Result], exercises: Mapping[str, float], rules: Rules, hand: Hand
) -> Standing:
    """The current mark of one student.

    Parameters
    ----------
    results : one per attempt, in the order of their numbers; none where nothing was handed in.
    exercises : exercise → the points that it is worth under the current key.
    """
    results = _timed(results)
    deadline = due(rules, hand.extension)
    lateness = [periods_late(rules, r.attempt.handed_in, deadline) for r in results]
    max_score = round(sum(exercises.values()), DECIMALS)
    graded = [_graded(r, exercises, hand) for r in results]
    marks = [
        None if g is None else after_penalty(g, max_score, late, rules.penalty)
        for g, late in zip(graded, lateness, strict=True)
    ]
    told = sorted(hand.points.keys() & exercises.keys()) + ([""] if hand.mark is not None else [])
    if not results:
        return Standing(
            student=student,
            attempt=None,
            attempts=0,
            status=None,
            handed_in=None,
            due=deadline,
            late=0,
            points={name: hand.points[name] for name in exercises if name in hand.points},
            graded=None,
            penalty=0.0,
            mark=hand.mark if hand.mark is not None else _sum_by_hand(exercises, hand),
            max_score=max_score,
            by_hand=told,
            comments=hand.comments,
            basis=None,
        )
    chosen = counting([r.attempt.handed_in or r.at for r in results], marks, rules.attempts)
    result, own, mark = results[chosen], graded[chosen], marks[chosen]
    return Standing(
        student=student,
        attempt=result.attempt.number,
        attempts=len(results),
        status=result.status,
        handed_in=result.attempt.handed_in,
        due=deadline,
        late=lateness[chosen],
        points=_points(result, exercises, hand),
        graded=own,
        penalty=0.0 if own is None or mark is None or hand.mark is not None else round(own - mark, DECIMALS),
        mark=mark if hand.mark is None else hand.mark,
        max_score=max_score,
        by_hand=told,
        comments=hand.comments,
        basis=result.basis,
    )


def _timed(results: Sequence[Result]) -> Sequence[Result]:
    """Without attempts of no known time where the same work was recorded with its time: they are one."""
    known = {r.attempt.sha256 for r in results if r.attempt.handed_in is not None}
    return [r for r in results if r.attempt.handed_in is not None or r.attempt.sha256 not in known]


def _points(result: Result, exercises: Mapping[str, float], hand: Hand) -> dict[str, float]:
    """Points by exercise, marks by hand in their places; one that was not graded is missing (unreadable: 0)."""
    earned = dict.fromkeys(exercises, 0.0) if result.status is Status.UNREADABLE else {}
    earned |= {name: points for name, points in result.points.items() if name in exercises}
    return earned | {name: points for name, points in hand.points.items() if name in exercises}


def _graded(result: Result, exercises: Mapping[str, float], hand: Hand) -> float | None:
    """The points of one attempt; None where the fault is ours and not every exercise has a mark by hand."""
    points = _points(result, exercises, hand)
    if result.status is Status.UNGRADED and points.keys() != exercises.keys():
        return None
    return round(sum(points.values()), DECIMALS)


def _sum_by_hand(exercises: Mapping[str, float], hand: Hand) -> float | None:
    """The mark of one who handed nothing in and has marks by hand: what is not marked is not done."""
    given = [hand.points[name] for name in exercises if name in hand.points]
    return round(sum(given), DECIMALS) if given else None
