"""`grader prove` and `grader key`: a suite's proof, and the answer key that carries it."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click


def _say(line: str) -> None:
    """A line for whoever runs the command, that is no part of its report."""
    click.echo(line, err=True)


@click.command()
@click.argument("assignment", required=False)
@click.option("-e", "--exercise", "exercises", multiple=True, help="Prove this exercise only.")
@click.option(
    "--format", "formats", multiple=True, metavar="NAME[=FILE]", help="text or json; several times for several."
)
def prove(assignment: str | None, exercises: tuple[str, ...], formats: tuple[str, ...]) -> None:
    """Prove that the cases in solutions/ tell right from wrong: all of the course, or one assignment.

    Example: grader prove affine -e affine_backward
    """
    gc.enable()
    from grader.authoring.course import find_course
    from grader.proof.command import prove as run
    from grader.proof.report import proofs_json, proofs_text
    from grader.reports.formats import known, write_formats
    from grader.source import secret_seed

    known(formats, ("text", "json"))
    course = find_course(Path.cwd())
    proofs = run(course, assignment, exercises, secret_seed(course, _say), _say)
    write_formats(formats or ("text",), {"text": lambda: proofs_text(proofs), "json": lambda: proofs_json(proofs)})
    sys.exit(0 if all(p.holds for p in proofs) else 1)


@click.command()
@click.argument("assignment")
@click.option("-o", "file", required=True, type=click.Path(path_type=Path), help="The key's file.")
def key(assignment: str, file: Path) -> None:
    """Prove an assignment with the secret seed and write its answer key, for grade --key.

    Example: grader key affine -o affine.key
    """
    gc.enable()
    from grader.authoring.course import find_course
    from grader.proof.command import proven_key, write_key
    from grader.proof.report import proofs_text
    from grader.source import secret_seed

    course = find_course(Path.cwd())
    made, proof = proven_key(course, assignment, secret_seed(course, _say), _say)
    if not made.proof and proof is not None:
        for piece in proofs_text([proof]):
            click.echo(piece, nl=False)
        _say(f"{file}: not written, for the proof does not hold")
        sys.exit(1)
    write_key(file, made)
    click.echo(f"{file}: {assignment}, proven; it holds every answer, keep it from students")
