"""`grader release` and `grader demo`: what goes out to students, and a class to try a course on."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError
from grader.whole import whole

if TYPE_CHECKING:
    from grader.authoring.course import Authored


@click.command()
@click.argument("assignment", required=False)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when assignments/ differs.")
@click.option("--zip", "archive", type=click.Path(path_type=Path), help="Also write what a student gets as one file.")
@click.option("--roster", type=click.Path(path_type=Path), help="Also write each student's own variant.")
def release(assignment: str | None, only_check: bool, archive: Path | None, roster: Path | None) -> None:
    """Write what students get: solutions/ → assignments/, and with --zip one archive with an editor's and CI's set-up.

    Nothing goes out that holds a line of a solution, a known mistake's code or a hidden case.

    Example: grader release affine --zip affine.zip
    """
    gc.enable()
    from grader.authoring.course import assignment_names, find_course, load_assignment

    if archive is not None and (only_check or roster):
        other = "--check" if only_check else "--roster"
        raise UsageError(f"release: expected --zip or {other}, got both; run the one after the other")
    course = find_course(Path.cwd())
    every = [load_assignment(course, name) for name in ([assignment] if assignment else assignment_names(course))]
    if only_check:
        from grader.authoring.release import differences

        told = [line for authored in every for line in differences(authored, course)]
        for line in told:
            click.echo(line, err=True)
        sys.exit(1 if told else 0)
    _write(every, course, archive, roster if assignment else None)


def _write(every: list[Authored], course: Path, archive: Path | None, roster: Path | None) -> None:
    """assignments/, each student's own, the archive; nothing of it before all is known to hold no secret."""
    from grader.authoring.course import relative
    from grader.authoring.key import build_key
    from grader.authoring.leaks import refuse_leaks, secrets_of
    from grader.authoring.parcel import parcel, zipped
    from grader.authoring.release import current, write_files, write_variants
    from grader.authoring.words import texts_of, untranslated
    from grader.intake.roster import read_roster

    if not every:
        raise UsageError(f"{course / 'solutions'}: expected an assignment here; make one with 'grader new NAME'")
    people = list(read_roster(roster)) if roster else []
    files = {authored.name: current(authored, course) for authored in every}
    seed = _seed(course) if archive is not None else b""
    for authored in every:
        shown = {f"assignments/{authored.name}/{name}": data for name, data in files[authored.name].items()}
        key = build_key(authored, seed) if seed else None
        refuse_leaks(shown, secrets_of(authored, course, key, seed))
        every_text = texts_of(authored.assignment, authored.mistakes)
        for line in untranslated(f"solutions/{authored.name}", authored.texts, every_text):
            click.echo(line, err=True)
    for authored in every:
        variants = write_variants(authored, course, people) if people else []
        for path in [*write_files(authored.name, course, files[authored.name]), *variants]:
            click.echo(relative(path, course))
    if archive is not None:
        with whole(archive, "name another file with --zip") as file:
            file.write(zipped(parcel(every, files)))
        click.echo(f"{archive}: what a student gets; they need 'pip install nabla-grader' and nothing else")


def _seed(course: Path) -> bytes:
    """The secret seed where there is one: only then have hidden cases numbers that could have got out."""
    from grader.source import SEED_FILE, SEED_VARIABLE, secret_seed

    if os.environ.get(SEED_VARIABLE) or (course / SEED_FILE).exists():
        return secret_seed(course, lambda line: click.echo(line, err=True))
    return b""


@click.command()
@click.option("-a", "--assignment", required=True, help="The assignment's name in solutions/.")
@click.option("-o", "folder", required=True, type=click.Path(path_type=Path), help="A new folder for the class.")
def demo(assignment: str, folder: Path) -> None:
    """Write a demo class: the reference, the stub and one submission per known mistake.

    Example: grader demo -a affine -o class
    """
    from grader.authoring.course import find_course, load_assignment
    from grader.authoring.demo import write_demo

    course = find_course(Path.cwd())
    count = write_demo(load_assignment(course, assignment), course, folder)
    click.echo(f"{count} submissions in {folder}; grade them with: grader grade {folder} -a {assignment} -o report")
