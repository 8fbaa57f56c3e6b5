"""`grader init` and `grader new`: a course and an assignment to begin with."""

from __future__ import annotations

import keyword
import sys
from pathlib import Path

import click

from grader import __version__
from grader.errors import UsageError

TAKEN = frozenset({"cases", "equivalent", "grader", "mistakes", "numpy", "pytest", "variants"})
"""Module names that an assignment's file would hide, besides those of the standard library."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Begin a course in DIR: settings, CI files, and a place for assignments. Nothing is written over.

    Example: grader init course
    """
    from grader.authoring.pattern import pattern, write_new

    files = pattern("course", {"version": __version__}) | {"solutions/.gitkeep": b""}
    for path in write_new(folder, files):
        click.echo(path.as_posix())
    there = "" if folder.resolve() == Path.cwd() else f"cd {folder.as_posix()}, then "
    click.echo(f"now: {there}grader new NAME")


@click.command()
@click.argument("assignment")
def new(assignment: str) -> None:
    """Begin an assignment in this course: a small exercise that proves, releases, checks and grades as it is.

    Example: grader new gradients
    """
    from grader.authoring.course import find_course, relative
    from grader.authoring.pattern import pattern, write_new

    if not (assignment.isascii() and assignment.isidentifier() and assignment.islower()) or keyword.iskeyword(
        assignment
    ):
        raise UsageError(f"new {assignment}: expected a name of small letters, digits and _, as a Python module has")
    if assignment in TAKEN or assignment in sys.stdlib_module_names:
        raise UsageError(
            f"new {assignment}: a module has this name already, which {assignment}.py would hide; take another"
        )
    course = find_course(Path.cwd())
    folder = course / "solutions" / assignment
    if folder.exists():
        raise UsageError(f"solutions/{assignment}: is there already, and nothing is written over; take another name")
    for path in write_new(folder, pattern("assignment", {"name": assignment})):
        click.echo(relative(path, course))
    click.echo(f"it proves as it is: grader prove {assignment}; then make it yours")
