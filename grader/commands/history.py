"""`grader history`: everything that ever happened in a gradebook."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("student", required=False)
def history(folder: Path, student: str | None) -> None:
    """List every attempt, grade, mark by hand and change of settings, of one STUDENT or of all.

    Example: grader history report jdoe
    """
    from grader.gradebook.book import FILE, Gradebook
    from grader.reports.clean import clean

    with Gradebook.open(folder / FILE) as book:
        if student is not None:
            book.require(student)
        for event in book.history(student):
            who = "" if event.student is None else f"{event.student}: "
            click.echo(f"{event.at:%Y-%m-%d %H:%M:%S%z}  {clean(who + event.what, 2000, keep_lines=False)}")
