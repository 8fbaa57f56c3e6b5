"""The command `grader`: Click, wiring the rooms. No logic here; each command imports what it needs."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread, and a quicker start
os.environ.setdefault("OMP_NUM_THREADS", "1")

import click

from grader import __version__
from grader.errors import GraderError, SandboxError, SubmissionError, UsageError

FULL, NOT_FULL, INTERRUPTED = 0, 1, 130
MAX_SAID = 4000


def entry() -> None:
    """The program `grader`: the command, and out, without taking the process down piece by piece."""
    gc.disable()  # a check makes no garbage worth the time; grade turns it on again
    code: Any = 1
    try:
        main(standalone_mode=True)
    except SystemExit as end:
        code = end.code
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


LATER = {
    "demo": "grader.commands.release",
    "export": "grader.commands.export",
    "extend": "grader.commands.byhand",
    "forget": "grader.commands.forget",
    "history": "grader.commands.history",
    "init": "grader.commands.begin",
    "key": "grader.commands.prove",
    "merge": "grader.commands.merge",
    "new": "grader.commands.begin",
    "override": "grader.commands.byhand",
    "prove": "grader.commands.prove",
    "release": "grader.commands.release",
    "report": "grader.commands.report",
}
"""Commands that are imported when they are called: `check` must start quickly."""


class Commands(click.Group):
    """Tells every error that is one of ours in one line, with its own exit code; knows commands of LATER."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted({*self.commands, *LATER})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported where it is one of LATER."""
        if cmd_name in LATER and cmd_name not in self.commands:
            self.add_command(getattr(import_module(LATER[cmd_name]), cmd_name))
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called, with what the course's pyproject.toml sets for it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name and command and (path := _settings_of(name)):
            from grader.commands.options import options

            ctx.default_map = {name: options(path, command, self.list_commands(ctx))}
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a GraderError ends it."""
        try:
            return super().invoke(ctx)
        except GraderError as error:
            _say(f"grader: {error}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("grader: stopped", err=True)
            ctx.exit(INTERRUPTED)


def _settings_of(command: str) -> Path | None:
    """The nearest pyproject.toml here or above with settings of the grader's; for `check`, of its own only."""
    wanted = b"tool.grader.check" if command == "check" else b"tool.grader"
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if b"tool.grader" in text:
            return Path(os.path.relpath(path, here)) if wanted in text else None
    return None


def _say(line: str) -> None:
    """A line on standard error; names in it are what somebody called a file."""
    from grader.reports.clean import clean

    click.echo(clean(line, MAX_SAID), err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """Grade exercises on multidimensional derivatives.

    Students run "grader check", instructors "grader grade".
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _speak(_context: click.Context, _option: click.Parameter, language: str | None) -> None:
    """What a student is told in this run and in what it starts is told in this language."""
    if language is not None:
        os.environ["GRADER_LANGUAGE"] = language


def _format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="NAME[=FILE]",
        help="text (the default) or another report, to FILE or to standard output; several times for several.",
    )(command)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("-e", "--exercise", "exercises", multiple=True, help='This exercise only; "all" tells every one.')
@click.option("--hint", is_flag=True, help="Go one step further with the hint.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved.")
@click.option(
    "--language", metavar="NAME", expose_value=False, callback=_speak, help="What you read: en or de (GRADER_LANGUAGE)."
)
@_format_option
def check(path: Path, exercises: tuple[str, ...], hint: bool, watch: bool, formats: tuple[str, ...]) -> None:
    """Check the visible cases of the work at PATH (default: this folder).

    All exercises are checked, and the next unfinished one is told. The exit code is 0 when every visible
    case of what was checked passes.

    Example: grader check -e affine_backward
    """
    from grader.reports.formats import known, publish
    from grader.reports.terminal import look_of
    from grader.student.check import check as run
    from grader.student.check import unread

    known(formats)
    if watch:
        from grader.student.watch import watch as watch_for_saves

        sys.exit(FULL if watch_for_saves(path, exercises) else NOT_FULL)
    try:
        checked = run(path, exercises, hint=hint, width=look_of(sys.stdout).width)
    except (SubmissionError, SandboxError) as error:
        if machines := [text for text in formats if text.partition("=")[0] != "text"]:
            publish(machines, unread(path, exercises, error))  # a CI finds the files that it waits for
        raise
    publish(formats, checked)
    sys.exit(FULL if all(grade.score == grade.max_score for grade in checked.grades) else NOT_FULL)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("-a", "--assignment", help="The assignment's name in solutions/.")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Write the report folder here.")
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="An answer key, in place of solutions/.")
@click.option("--unproven", is_flag=True, help="Grade with a key that carries no proof.")
@click.option("--roster", type=click.Path(path_type=Path), help="CSV with a column id: who is in the course.")
@click.option(
    "--with",
    "earlier",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A class with files of earlier assignments; several times for several.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Grade with so many processes."
)
@click.option("--executor", default="local", metavar="NAME", help="local, dask, dask:ADDRESS or slurm: who grades.")
@click.option("--shard", metavar="K/N", help="Grade part K of N of the class only; grader merge joins the parts.")
@click.option("--tier", type=click.IntRange(1, 3), default=1, help="How far to confine submissions.")
@click.option("--allow-unsandboxed", "unsandboxed", is_flag=True, help="Grade where nothing can be confined.")
@click.option("--pseudonyms", type=click.Path(path_type=Path), help="Report under pseudonyms; their map is this file.")
@click.option("--apply", metavar="WHY", help="Let the marks of a changed key count, for this reason.")
@click.option("--student", help="Grade this student only.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever the marks are; a fault of ours stays one.")
@click.option(
    "--fail-under", type=click.FloatRange(0, 100), metavar="P", help="Exit 1 when a mark is under P per cent."
)
@_format_option
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    folder: Path | None,
    key_file: Path | None,
    unproven: bool,
    roster: Path | None,
    earlier: tuple[Path, ...],
    jobs: int,
    executor: str,
    shard: str | None,
    tier: int,
    unsandboxed: bool,
    pseudonyms: Path | None,
    apply: str | None,
    student: str | None,
    exit_zero: bool,
    fail_under: float | None,
    formats: tuple[str, ...],
) -> None:
    """Grade all cases of the submissions at PATH, each in a process of its own.

    Example: grader grade submissions/ -a affine -o report
    """
    gc.enable()
    from grader.grading import Request, exit_code, run
    from grader.reports.formats import about_one, known, publish
    from grader.shards import parse_shard
    from grader.spool import Spool

    known(formats)
    if shard is not None and student is not None:
        raise UsageError("--shard and --student: expected one of them; a student needs no parts")
    if pseudonyms is not None and folder is None:
        raise UsageError("--pseudonyms: expected a report folder too, with -o")
    request = Request(
        paths,
        assignment,
        folder,
        student,
        Path.cwd(),
        roster=roster,
        earlier=earlier,
        jobs=jobs,
        executor=executor,
        shard=None if shard is None else parse_shard(shard),
        tier=tier,
        unsandboxed=unsandboxed,
        key=key_file,
        unproven=unproven,
        pseudonyms=pseudonyms,
        apply=apply,
        about_one=about_one(formats),
    )
    with Spool(folder if folder and folder.is_dir() else None) as grades:
        graded = run(request, grades, _say)
        publish(formats, graded.run)
        code = INTERRUPTED if graded.stopped else exit_code(grades.marks(), fail_under, exit_zero)
    sys.exit(code)


@main.command()
def doctor() -> None:
    """Tell what this machine can do: versions, how far it confines and why not further, what is missing.

    Example: grader doctor
    """
    from grader.doctor import diagnosis

    for line in diagnosis():
        click.echo(line)
