"""A gradebook's marks as people see them: every student's pages, and the class on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.gradebook.book import Gradebook
from grader.gradebook.records import Standing
from grader.keyfile import dump_examples, load_examples
from grader.model import AnswerKey
from grader.reports.entry import Entry
from grader.reports.files import student_pages, write_atomically, write_pages
from grader.reports.html import MISSING, OVERVIEW, available, overview_pages
from grader.reports.overview import survey
from grader.reports.run import visible_part
from grader.texts import ENGLISH, say, speaking
from grader.values import safe_name

EXAMPLES = "examples.json"
AS_GRADED = b'"marked": []'
"""What feedback.json says of a mark that is the points and nothing else."""

Say = Callable[[str], None]


def entries(book: Gradebook, language: str = ENGLISH) -> Iterator[Entry]:
    """Everybody of whom the gradebook knows, sorted by id, with the mark that stands, told in `language`."""
    people = {student: person.name for student, person in book.people().items()}
    unit = book.rules.penalty.per.value if book.rules.penalty else "day"
    standing, worth = book.standing(), round(sum(book.exercises().values()), 4)
    following = next(standing, None)
    for student in book.students():
        if following is not None and following.student == student:
            yield _entry(book, following, people.get(student, ""), unit, language)
            following = next(standing, None)
        else:
            yield Entry(id=student, grade=None, mark=None, max_score=worth, name=people.get(student, ""))


def _entry(book: Gradebook, standing: Standing, name: str, unit: str, language: str) -> Entry:
    grade = book.grade(standing)
    with speaking(language):
        told = list(marked(standing, unit))
    return Entry(
        id=standing.student,
        grade=grade,
        mark=standing.mark,
        max_score=standing.max_score,
        name=name or (grade.origin.name if grade is not None else ""),
        marked=told,
        page="" if grade is None else safe_name(standing.student),
    )


def marked(standing: Standing, unit: str) -> Iterator[str]:
    """How a mark came about where it is not the points alone, in the language that is spoken.

    Parameters
    ----------
    unit : day or hour, for which the penalty is taken.
    """
    if standing.attempts > 1:
        yield say("mark.attempt", attempt=standing.attempt, attempts=standing.attempts)
    if standing.penalty:
        many = "" if standing.late == 1 else "s"
        yield say(f"mark.late_{unit}{many}", count=standing.late, points=f"{standing.penalty:g}")
    if "" in standing.by_hand:
        yield say("mark.by_hand")
    elif standing.by_hand:
        yield say("mark.points_by_hand", exercises=", ".join(standing.by_hand))
    yield from standing.comments


def publish(book: Gradebook, key: AnswerKey, folder: Path, tell: Say, *, every: bool = False) -> int:
    """Write index.html, and the pages of those whose mark is not the points alone; how many pages.

    Parameters
    ----------
    every : write everybody's pages.
    """
    shown = visible_part(key)
    write_atomically(folder / EXAMPLES, [dump_examples(shown)])
    written = 0

    def passing() -> Iterator[Entry]:
        nonlocal written
        for entry in entries(book, shown.language):
            if entry.grade is not None and (every or _differs(folder, entry)):
                write_pages(folder, entry.id, student_pages(shown, entry.grade, entry))
                written += 1
            yield entry

    with survey(shown, passing()) as class_:
        if available():
            names = set()
            for name, pieces in overview_pages(shown, class_):
                write_atomically(folder / name, pieces)
                names.add(name)
            for path in folder.glob("students-*.html"):  # of a larger class
                if path.name not in names:
                    path.unlink()
    if not available():
        tell(f"{OVERVIEW} and feedback.html are not written: {MISSING}")
    return written


def _differs(folder: Path, entry: Entry) -> bool:
    """Whether a student's pages tell another mark than the one that stands."""
    if entry.marked or (entry.grade is not None and entry.mark != entry.grade.score):
        return True
    path = folder / "students" / entry.page / "feedback.json"
    return path.is_file() and AS_GRADED not in path.read_bytes()


def published_key(folder: Path) -> AnswerKey:
    """The visible part of the key with which a folder was graded.

    Raises
    ------
    UsageError : it is not there, or cannot be read.
    """
    path = folder / EXAMPLES
    try:
        return load_examples(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}); 'grader grade … -o {folder}' writes it again"
        ) from None
