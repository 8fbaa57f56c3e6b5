"""One student as a class's report knows them: the grade, and the mark that stands."""

from __future__ import annotations

import msgspec

from grader.model import Grade
from grader.values import safe_name


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A student with the mark that stands.

    `grade` is None where nothing was handed in; `mark` None where there is no mark; `marked` are
    sentences on how it came about where it is not the points alone; `page` is the folder of the
    student's feedback, empty where there is none.
    """

    id: str
    grade: Grade | None
    mark: float | None
    max_score: float
    name: str = ""
    marked: list[str] = []
    page: str = ""

    @staticmethod
    def of(grade: Grade, *, page: bool = False) -> Entry:
        """The entry of a grade that stands as it is."""
        return Entry(
            id=grade.id,
            grade=grade,
            mark=grade.score,
            max_score=grade.max_score,
            name=grade.origin.name,
            page=safe_name(grade.id) if page else "",
        )
