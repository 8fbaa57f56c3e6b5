"""`grader export`: marks and feedback as the LMS takes them back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.errors import UsageError
from grader.whole import whole

if TYPE_CHECKING:
    from grader.exports.feedback import Feedback
    from grader.exports.fill import Filled
    from grader.exports.row import Row
    from grader.gradebook.book import Gradebook
    from grader.gradebook.records import Standing

FORMATS = ("csv", "canvas", "moodle", "blackboard", "gradescope")
WHERE = {
    "canvas": "Grades → Export → Export Entire Gradebook",
    "blackboard": "Grade Center → Work Offline → Download",
}


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--template", type=click.Path(path_type=Path), help="The LMS's own export, to be filled.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="Write here, and not to standard output.")
@click.option("--column", default="", metavar="TITLE", help="The template's column for the marks.")
@click.option("--match", default="", metavar="TITLE", help="The template's column that tells who it is.")
@click.option("--scale", is_flag=True, help="Convert marks where the LMS's full marks are others.")
@click.option("--feedback", is_flag=True, help="A zip of feedback under the LMS's own names (canvas, moodle).")
@click.option("--pseudonyms", type=click.Path(path_type=Path), help="The map of the pseudonyms in DIR, to undo them.")
@click.option("--zip", "archive", type=click.Path(path_type=Path), help="Write Gradescope's autograder; no DIR then.")
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="The answer key for --zip, of 'grader key'.")
@click.option("--wheels", type=click.Path(path_type=Path), help="Wheels for --zip; else pip fetches them.")
def export(
    format: str,
    folder: Path | None,
    template: Path | None,
    output: Path | None,
    column: str,
    match: str,
    scale: bool,
    feedback: bool,
    pseudonyms: Path | None,
    archive: Path | None,
    key_file: Path | None,
    wheels: Path | None,
) -> None:
    """Write the marks of DIR as an LMS takes them: csv, canvas, moodle, blackboard or gradescope.

    With --template only the marks of one column change, and every other byte of the file stays.
    "gradescope --zip FILE --key KEY" writes the autograder that Gradescope runs.

    Example: grader export canvas report --template grades-export.csv -o upload.csv
    """
    if archive is not None or key_file is not None or wheels is not None:
        from grader.commands.autograder import write_autograder

        if format != "gradescope" or archive is None or key_file is None or folder is not None:
            raise UsageError("export: expected 'grader export gradescope --zip FILE --key KEY' for an autograder")
        write_autograder(archive, key_file, wheels)
        return
    if folder is None:
        raise UsageError(f"export {format}: expected the report folder, as in 'grader export {format} report'")
    from grader.gradebook.book import FILE, Gradebook

    if template is not None and output is not None and template.absolute() == output.absolute():
        raise UsageError(f"-o {output}: is the template itself; name another file")
    if feedback and format not in ("canvas", "moodle"):
        raise UsageError(f"--feedback: {format} takes none back; expected canvas or moodle")
    if output is None and (feedback or format == "gradescope"):
        raise UsageError("export: expected a file (for gradescope a folder) with -o")
    with Gradebook.open(folder / FILE) as book:
        if feedback:
            _write_feedback(book, folder, format, output or Path())
        elif format == "gradescope":
            _write_gradescope(book, folder, output or Path())
        else:
            options = {"column": column, "match": match, "scale": scale}
            _write(output, _marks(book, format, template, options, pseudonyms))


def _marks(
    book: Gradebook, format: str, template: Path | None, options: dict[str, Any], pseudonyms: Path | None
) -> bytes:
    """The file with the marks; what a teacher should know of it goes to standard error."""
    from grader.exports.blackboard import blackboard
    from grader.exports.canvas import canvas
    from grader.exports.moodle import moodle, moodle_import
    from grader.exports.plain import plain_csv
    from grader.reports.clean import clean

    rows = _with_ids(list(_rows(book, named=format == "csv")), pseudonyms)
    if template is None:
        if any(options.values()):
            raise UsageError("--column, --match and --scale: expected a --template, which they are about")
        if format == "csv":
            return "".join(plain_csv(rows, list(book.exercises()))).encode("utf-8", "replace")
        if format == "moodle":
            return "".join(moodle_import(rows, book.assignment)).encode("utf-8", "replace")
        raise UsageError(f"export {format}: expected --template with {format}'s own file ({WHERE[format]})")
    writers: dict[str, Callable[..., Filled]] = {"canvas": canvas, "moodle": moodle, "blackboard": blackboard}
    if format not in writers:
        raise UsageError(f"export {format}: takes no --template")
    filled = writers[format](_read(template), str(template), rows, book.assignment, **options)
    for line in filled.told:
        click.echo(clean(line, keep_lines=False), err=True)
    return filled.data


def _rows(book: Gradebook, *, named: bool = False) -> Iterator[Row]:
    """Everybody with a standing, and who is known and handed nothing in, sorted by id.

    Parameters
    ----------
    named : under the name that the LMS gave with the work, where no roster told one.
    """
    import msgspec

    standings = {s.student: s for s in book.standing()}
    people, full = book.people(), round(sum(book.exercises().values()), 4)
    unit = book.rules.penalty.per.value if book.rules.penalty else "day"
    for student in sorted({*standings, *people}):
        row = _row(student, standings.get(student), people.get(student), full, unit)
        grade = book.grade(standings[student]) if named and not row.name and student in standings else None
        who = None if grade is None else grade.origin
        yield row if who is None else msgspec.structs.replace(row, name=who.name, email=row.email or who.email)


def _row(student: str, standing: Standing | None, person: Any, full: float, unit: str) -> Row:
    from grader.exports.row import Row

    known: dict[str, Any] = {"max_score": full, "status": "nothing handed in", "unit": unit}
    if person is not None:
        names = {"name": person.name, "email": person.email, "logins": person.logins, "section": person.section}
        known |= names
    if standing is not None:
        known |= {"mark": standing.mark, "max_score": standing.max_score, "points": standing.points}
        known |= {"attempt": standing.attempt, "late": standing.late, "comments": standing.comments}
        known |= {"status": standing.status.value} if standing.status is not None else {}
    return Row(student=student, **known)


def _with_ids(rows: list[Row], pseudonyms: Path | None) -> list[Row]:
    """The rows under the students' own ids, where they stand under pseudonyms."""
    import msgspec

    from grader.gradebook.pseudonyms import Pseudonyms

    if pseudonyms is None:
        return rows
    if not pseudonyms.is_file():
        raise UsageError(f"{pseudonyms}: expected the map of pseudonyms")
    names = Pseudonyms.open(pseudonyms)
    return [msgspec.structs.replace(row, student=names.student(row.student) or row.student) for row in rows]


def _write_gradescope(book: Gradebook, report: Path, folder: Path) -> None:
    """FOLDER/<student>/results.json."""
    from grader.publishing import EXAMPLES, marked, published_key
    from grader.reports.files import write_atomically
    from grader.reports.gradescope import results_json
    from grader.texts import ENGLISH, speaking
    from grader.values import safe_name

    language = published_key(report).language if (report / EXAMPLES).is_file() else ENGLISH
    rows = {row.student: row for row in _rows(book)}
    count = 0
    for standing in book.standing():
        path = folder / safe_name(standing.student) / "results.json"
        row = rows[standing.student]
        with speaking(language):
            said = list(marked(standing, row.unit))
            write_atomically(path, [results_json(book.grade(standing), row.mark, row.points, said)])
        count += 1
    click.echo(f"{count} results.json in {folder}", err=True)


def _write_feedback(book: Gradebook, folder: Path, format: str, output: Path) -> None:
    from grader.exports.feedback import canvas_members, moodle_members, write_zip
    from grader.reports.clean import clean

    without: list[str] = []
    found = _feedback(book, folder)
    members = canvas_members(found, without) if format == "canvas" else moodle_members(found, without)
    with whole(output) as file:
        count = write_zip(file, members)
    click.echo(f"{output}: feedback for {count} students", err=True)
    if without:
        told = ", ".join(without[:10]) + (f" … ({len(without)} in all)" if len(without) > 10 else "")
        kind = "a file that can hold no text, or nothing that Canvas" if format == "canvas" else "nothing that Moodle"
        line = f"no feedback, because they handed in {kind} knows by its name: {told}"
        click.echo(clean(line, keep_lines=False), err=True)


def _feedback(book: Gradebook, folder: Path) -> Iterator[Feedback]:
    """The feedback of everybody whose report is written."""
    from grader.exports.feedback import Feedback
    from grader.values import safe_name

    for standing in book.standing():
        if standing.attempt is None:
            continue
        own = folder / "students" / safe_name(standing.student)
        page, text = own / "feedback.html", own / "feedback.md"
        if not page.is_file() or not text.is_file():
            raise UsageError(f"{own}: expected feedback.html and feedback.md; write them with 'grader report {folder}'")
        members = next(a.members for a in book.attempts(standing.student) if a.number == standing.attempt)
        yield Feedback(standing.student, members, page.read_text("utf-8"), text.read_text("utf-8"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: expected the LMS's own export, but {error.strerror}") from None


def _write(path: Path | None, data: bytes) -> None:
    """To a file, whole or not at all; or to standard output."""
    if path is None:
        sys.stdout.buffer.write(data)
        return
    with whole(path) as file:
        file.write(data)
