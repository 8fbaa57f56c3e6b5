"""`grader forget`: a person erased from a gradebook and its reports, and a look at what is left."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook

REWRITTEN, OTHER_PAGES = "index.html", "students-*.html"
TOLD = 20
Without = Callable[[Iterator[str], Collection[str]], Iterator[str]]
"""The lines of a file → its text without the entries of some ids."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("student")
@click.option(
    "--pseudonyms", type=click.Path(path_type=Path), help="The map of pseudonyms under which DIR was written."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(folder: Path, student: str, pseudonyms: Path | None, yes: bool) -> None:
    """Erase a person from a gradebook and its reports, all traces. There is no way back.

    Work that lies elsewhere (the class's folder, exports) is not touched: a person whose files are
    graded again is in the gradebook again.

    Example: grader forget report jdoe
    """
    from grader.gradebook.book import FILE, Gradebook
    from grader.gradebook.forgetting import forget as erase
    from grader.gradebook.forgetting import mentions, whole_words
    from grader.gradebook.pseudonyms import Pseudonyms

    ids = [student]
    names = None
    if pseudonyms is not None:
        if not pseudonyms.is_file():
            raise UsageError(f"{pseudonyms}: expected the map of pseudonyms under which {folder} was written")
        names = Pseudonyms.open(pseudonyms)
        ids.append(names.of(student))
    with Gradebook.open(folder / FILE) as book:
        wanted = whole_words(_needles(book, ids))
        if not yes and sys.stdin.isatty():
            click.confirm(f"Erase all that {folder} has of {student}?", abort=True)
        done = [FILE] * sum(erase(book, one) for one in ids)
        done += _erase_reports(folder, ids, wanted)
        left = list(mentions(book, wanted))
        if not done and not left:
            book.require(student)
    if names is not None and names.forget(student):
        done.append(str(pseudonyms))
    click.echo(f"erased from {', '.join(done) or 'nothing'}")
    left += [str(path) for path in _places(folder, wanted)]
    if left:
        more = f" … ({len(left)} in all)" if len(left) > TOLD else ""
        click.echo(f"still named, look there yourself: {', '.join(left[:TOLD])}{more}", err=True)
        sys.exit(1)


def _needles(book: Gradebook, ids: list[str]) -> list[str]:
    """What names the person: ids, name, address and logins; a login that is a short number says nothing."""
    people = book.people()
    persons = [people[i] for i in ids if i in people]
    logins = [login for p in persons for login in p.logins if len(login) > 3]
    return [*ids, *logins, *(text for p in persons for text in (p.name, p.email))]


def _erase_reports(folder: Path, ids: list[str], wanted: re.Pattern[str]) -> list[str]:
    """Take the person out of the report folder; the names of what has changed."""
    from grader.reports.clean import clean
    from grader.values import safe_name

    done = []
    for path in (folder / "students" / safe_name(i) for i in ids):
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            continue
        done.append(str(path.relative_to(folder)))
    shown = {clean(i, 200, keep_lines=False) for i in ids}
    for name, without in (("grades.json", _listed), ("run.json", _listed), ("grades.csv", _table)):
        path = folder / name
        if path.is_file() and _replaced(path, without, {*ids, *shown}):
            done.append(name)
    for page in (folder / REWRITTEN, *sorted(folder.glob(OTHER_PAGES))):
        if page.is_file() and _names(page, wanted):
            page.unlink()
            done.append(page.name)
            click.echo(f"{page.name} named them and is deleted; 'grader report {folder}' writes it again", err=True)
    for path in folder.rglob(".*.part"):  # what a run that was killed left half written
        path.unlink()
    return done


def _replaced(path: Path, without: Without, ids: Collection[str]) -> bool:
    """Write a file anew without the person, line by line; whether that changed it."""
    from grader.reports.files import write_atomically

    try:
        if _digest(_lines(path)) == _digest(without(_lines(path), ids)):
            return False
    except (ValueError, KeyError, TypeError, RecursionError):  # no file of ours: told of, if it names the person
        return False
    write_atomically(path, without(_lines(path), ids))
    return True


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        yield from file


def _digest(pieces: Iterable[str]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece.encode("utf-8", "surrogateescape"))
    return digest.digest()


def _listed(lines: Iterator[str], ids: Collection[str]) -> Iterator[str]:
    """grades.json or run.json without some entries: one stands on each line, and no other line changes."""
    for line in lines:
        yield line
        if line.endswith("[\n"):
            break
    held = ""
    for line in lines:
        if line == "]}\n" and next(lines, None) is None:
            yield f"{held}\n{line}" if held else line
            return
        entry = line.removesuffix("\n").removesuffix(",")
        if json.loads(entry)["id"] not in ids:
            if held:
                yield f"{held},\n"
            held = entry
    raise ValueError("not as grader writes it")


def _table(lines: Iterator[str], ids: Collection[str]) -> Iterator[str]:
    """grades.csv without the lines of some students; an apostrophe guards ids that look like formulas."""
    guarded = {*ids, *(f"'{i}" for i in ids)}
    for row in csv.reader(lines):
        if row and row[0] not in guarded:
            line = io.StringIO()
            csv.writer(line).writerow(row)
            yield line.getvalue()


def _places(folder: Path, wanted: re.Pattern[str]) -> Iterator[Path]:
    """Files and folders that still name the person; the gradebook itself is asked row by row."""
    for path in sorted(folder.rglob("*")):
        own = path.is_file() and not path.is_symlink() and not path.name.startswith("gradebook.")
        if wanted.search(path.name) or (own and _names(path, wanted)):
            yield path


def _names(path: Path, wanted: re.Pattern[str]) -> bool:
    """Whether a file names the person, as it stands or escaped for HTML."""
    text = path.read_bytes().decode("utf-8", "replace")
    return bool(wanted.search(text) or ("&" in text and wanted.search(html.unescape(text))))
