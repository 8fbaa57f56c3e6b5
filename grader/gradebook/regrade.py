"""Who moves, and by how much, when the results on another basis come to count.

new = book.basis(key, key_hash(key), __version__)
...                                   # find or grade, and record, every submission on `new`
for movement in movements(book, new):
    print(movement.student, movement.change)
book.apply(new, who="N. Bohr", why="case two_by_two was wrong")
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.errors import UsageError
from grader.gradebook.book import Gradebook
from grader.gradebook.records import Basis, Movement, Standing


def movements(book: Gradebook, basis: Basis) -> Iterator[Movement]:
    """Students whose mark or points would move if `basis` counted, or who have no result on it.

    What was set by hand stays on both sides, and so do deadlines and penalties.
    """
    for before, after in zip(book.standing(), book.standing(basis), strict=True):
        moved = _moved(before, after)
        regraded = after.attempt is None or after.basis == basis
        if moved or before.mark != after.mark or before.attempt != after.attempt or not regraded:
            yield Movement(before.student, before, after, moved, regraded)


def apply(book: Gradebook, basis: Basis, who: str, why: str, partly: bool = False) -> int:
    """Let the results on `basis` count; how many students it moves.

    Parameters
    ----------
    partly : apply it although some students have no result on it; theirs stay as they are.

    Raises
    ------
    UsageError : some have none, and it is not to be applied partly.
    """
    moved, missing, first = 0, 0, []
    for movement in movements(book, basis):
        moved += movement.regraded
        missing += not movement.regraded
        first += [] if movement.regraded or missing > 5 else [movement.student]
    if missing and not partly:
        told = ", ".join(first) + (" …" if missing > 5 else "")
        raise UsageError(f"{told}: not graded with the new key yet ({missing} in all); grade the whole class first")
    book.apply(basis, who, why)
    return moved


def _moved(before: Standing, after: Standing) -> dict[str, tuple[float, float]]:
    """Exercise → points before and after, where they differ; one that is on one side only had 0."""
    names = [*before.points, *(name for name in after.points if name not in before.points)]
    pairs = {name: (before.points.get(name, 0.0), after.points.get(name, 0.0)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
