"""`grader override` and `grader extend`: what an instructor sets by hand, with who, when and why."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import click

from grader.errors import UsageError

WHO = click.option(
    "--who", required=True, envvar="GRADER_WHO", show_envvar=True, help="Your name, as the history shows it."
)
DIR = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@DIR
@click.argument("student")
@click.option(
    "--exercise", metavar="E", help="Mark this exercise; without it the mark as a whole, which then is final."
)
@click.option("--mark", type=float, metavar="X", help="The points.")
@click.option("--comment", metavar="TEXT", help="A comment that the student reads.")
@click.option("--withdraw", is_flag=True, help="Take the mark by hand back.")
@click.option("--why", default="", metavar="TEXT", help="The reason, for the history.")
@WHO
def override(
    folder: Path,
    student: str,
    exercise: str | None,
    mark: float | None,
    comment: str | None,
    withdraw: bool,
    why: str,
    who: str,
) -> None:
    """Set a mark or a comment by hand; it is kept through regrades and later attempts.

    Example: grader override report jdoe --exercise dL_db --mark 1 --why "right on paper" --who "N. Bohr"
    """
    from grader.gradebook.book import FILE, Gradebook
    from grader.gradebook.records import Override

    if mark is None and not comment and not withdraw:
        raise UsageError("override: expected --mark, --comment or --withdraw")
    if mark is not None and withdraw:
        raise UsageError("override: expected --mark or --withdraw, got both")
    if (mark is not None or withdraw) and not why.strip():
        raise UsageError("override: expected a reason with --why")
    with Gradebook.open(folder / FILE) as book:
        book.require(student)
        worth = book.exercises()
        if exercise is not None and exercise not in worth:
            raise UsageError(f"--exercise {exercise}: expected one of {', '.join(worth)}")
        most = math.fsum(worth.values()) if exercise is None else worth[exercise]
        if mark is not None and not 0 <= mark <= most:
            raise UsageError(f"--mark {mark:g}: expected 0 to {most:g} points")
        before = _told(book.standing_of(student))
        book.override(
            Override(
                student=student, exercise=exercise, mark=mark, comment=comment, withdrawn=withdraw, why=why, who=who
            )
        )
        click.echo(f"{student}: {before} → {_told(book.standing_of(student))} of {math.fsum(worth.values()):g}")


@click.command()
@DIR
@click.argument("student")
@click.option(
    "--until", required=True, metavar="WHEN", help="A day, or a day and a time: 2026-11-22, '2026-11-22 18:00'."
)
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the history.")
@WHO
def extend(folder: Path, student: str, until: str, why: str, who: str) -> None:
    """Give one student a deadline of their own; the last one given holds.

    Example: grader extend report jdoe --until "2026-11-22 18:00" --why ill --who "N. Bohr"
    """
    from grader.gradebook.book import FILE, Gradebook
    from grader.gradebook.records import Extension
    from grader.gradebook.rules import zone_of
    from grader.gradebook.settings import moment

    with Gradebook.open(folder / FILE) as book:
        book.require(student)
        rules = book.rules
        zone = zone_of(rules.timezone)

        def shown(when: datetime) -> str:
            return f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"

        when = moment(until, rules.timezone)
        if rules.deadline is not None and when < rules.deadline:
            raise UsageError(f"--until {until}: expected a time after the deadline, {shown(rules.deadline)}")
        before = _told(book.standing_of(student))
        book.extend(Extension(student=student, until=when, why=why, who=who))
        if rules.deadline is None:
            click.echo(f"{book.assignment} has no deadline yet: set it in pyproject.toml and grade again", err=True)
        click.echo(f"{student}: deadline {shown(when)}, mark {before} → {_told(book.standing_of(student))}")


def _told(standing: object) -> str:
    """A standing's mark in a word."""
    mark = getattr(standing, "mark", None)
    return "no mark" if mark is None else f"{mark:g}"
