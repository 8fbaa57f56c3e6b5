"""GitHub Actions: annotations beside the student's lines, a step summary, and outputs for later steps.

GitHub shows at most ten annotations of a kind and drops a summary that is too long, so both are kept
short here. Source: GitHub's documentation of workflow commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from grader.model import Status
from grader.reports.quoting import command_message, command_value, fenced, markdown_text, xml_text
from grader.reports.run import Run
from grader.reports.tests import Result, Suite, Test, path_of, suites, suites_of
from grader.texts import ENGLISH, say, speaking

MAX_ERRORS = 9
MAX_SUMMARY = 900_000
"""Bytes; GitHub drops a summary beyond 1 MiB as a whole."""
WORST = (Result.ERROR, Result.FAILED, Result.SKIPPED)


def write(run: Run) -> Iterator[str]:
    """The format `github`: an error for each of the exercises that lost the most, then how many more there are.

    What was not attempted is no error; it is named in one notice.
    """
    lost: list[tuple[float, int, Suite]] = []
    waiting: list[str] = []
    count = 0
    for number, suite in enumerate(suites(run)):
        missing = suite.max_score - suite.score
        if suite.untouched:
            waiting = [*waiting, ".".join(suite.names[1:])][: MAX_ERRORS + 1]
        elif not suite.exercise or missing > 0:
            count += 1
            lost = sorted([*lost, (-missing, number, suite)], key=lambda entry: entry[:2])[:MAX_ERRORS]
    for _missing, _number, suite in lost:
        yield _annotation(run, suite)
    if count > MAX_ERRORS:
        rest = _say(run, "github.more", count=count - MAX_ERRORS)
        yield f"::notice title=grader::{rest}\n"
    if waiting:
        more = ", …" if len(waiting) > MAX_ERRORS else ""
        yield f"::notice title={_say(run, 'state.open')}::{command_message(', '.join(waiting[:MAX_ERRORS]))}{more}\n"
    yield f"::notice title=grader::{command_message(_standing(run))}\n"


def _annotation(run: Run, suite: Suite) -> str:
    worst = _worst(suite)
    where = ""
    place = ""
    path = path_of(run, suite.place)
    if path and suite.place is not None:
        where = f"file={command_value(path)},"
        if suite.place.cell:
            place = _say(run, "place.cell", cell=suite.place.cell, line=suite.place.line) + ": "
        else:
            where += f"line={suite.place.line},"
    title = command_value(".".join(suite.names[1:] or suite.names) + _points(run, suite))
    said = "\n".join(worst.lines) if worst is not None else _say(run, "github.not_full")
    return f"::error {where}title={title}::{command_message(place + said)}\n"


def _worst(suite: Suite) -> Test | None:
    return next((test for result in WORST for test in suite.tests if test.result is result), None)


def _say(run: Run, name: str, **places: Any) -> str:
    """A sentence in the student's language where it is their own check, else in the instructor's."""
    with speaking(run.key.language if run.own else ENGLISH):
        return say(name, **places)


def _of(run: Run, part: float | None, full: float) -> str:
    return _say(run, "github.of", part="–" if part is None else f"{part:g}", all=f"{full:g}")


def _points(run: Run, suite: Suite) -> str:
    return f" ({_say(run, 'github.points', score=_of(run, suite.score, suite.max_score))})" if suite.exercise else ""


def _standing(run: Run) -> str:
    """One line: the points of one submission, or how many submissions ended how."""
    counts: dict[str, int] = {}
    last = None
    for last in run.grades:
        ended = "full marks" if last.score == last.max_score else last.status.value
        counts[ended] = counts.get(ended, 0) + 1
    if last is not None and sum(counts.values()) == 1:
        score = _of(run, last.score, last.max_score)
        return _say(run, "github.points_visible" if run.own else "github.points", score=score)
    return ", ".join(f"{count} {ended}" for ended, count in sorted(counts.items())) or "no submissions"


# --------------------------------------------------------------------------------------- the files


def appended(run: Run) -> Iterator[tuple[str, Iterable[str]]]:
    """The files that GitHub names in the environment, with what is to be appended to them."""
    if run.environ.get("GITHUB_STEP_SUMMARY"):
        yield run.environ["GITHUB_STEP_SUMMARY"], summary(run)
    if run.environ.get("GITHUB_OUTPUT"):
        yield run.environ["GITHUB_OUTPUT"], outputs(run)


def outputs(run: Run) -> Iterator[str]:
    """Outputs of the step: score and max (their sums for a class), and how many submissions have no grade."""
    score = full = 0.0
    failed = 0
    for grade in run.grades:
        score += grade.score or 0.0
        full += grade.max_score
        failed += grade.status is not Status.GRADED
    yield f"score={score:g}\nmax={full:g}\nsubmissions={len(run.grades)}\nnot-graded={failed}\n"


def summary(run: Run) -> Iterator[str]:
    """The step summary in Markdown, cut between two entries before it becomes too long."""
    title = markdown_text(run.key.title or run.key.assignment)
    yield f"## {title}: {markdown_text(_standing(run))}\n\n"
    used = 2000
    pieces = _of_one(run) if len(run.grades) == 1 else _of_class(run)
    for number, piece in enumerate(pieces):
        used += len(piece.encode("utf-8", "replace"))
        if used > MAX_SUMMARY:
            yield "\n" + _say(run, "github.cut", count=number) + "\n"
            return
        yield piece
    if run.own:
        yield "\n" + _say(run, "github.hidden_later") + "\n"


def _of_class(run: Run) -> Iterator[str]:
    yield "| student | points | what to know |\n| --- | ---: | --- |\n"
    for grade, times in run.grades.timed():
        wrong = (_worst(suite) for suite in suites_of(run, grade, times))
        first = next((" ".join(test.lines) for test in wrong if test is not None), "")
        points = _of(run, grade.score, grade.max_score)
        yield f"| {markdown_text(grade.id, 100)} | {points} | {markdown_text(first, 160)} |\n"


def _of_one(run: Run) -> Iterator[str]:
    head = " | ".join(_say(run, f"page.{name}") for name in ("exercise", "points", "wrong"))
    yield f"| | {head} |\n| --- | --- | ---: | --- |\n"
    for suite in suites(run):
        wrong = sum(test.result is not Result.PASSED for test in suite.tests)
        mark = "✅" if not wrong else "⬜" if suite.untouched else "❌"
        name = markdown_text(suite.exercise or suite.tests[0].name)
        points, cases = _of(run, suite.score, suite.max_score), _of(run, wrong, len(suite.tests))
        yield f"| {mark} | {name} | {points} | {cases} |\n"
    for suite in suites(run):
        yield from _details(suite)


def _details(suite: Suite) -> Iterator[str]:
    """What is wrong with one exercise, each sentence once."""
    told: dict[str, list[str]] = {}
    for test in suite.tests:
        if test.result is not Result.PASSED:
            told.setdefault("\n".join(test.lines), []).append(test.name)
    if not told or suite.untouched:
        return
    yield f"\n<details open><summary>{xml_text(suite.exercise or 'submission')}</summary>\n\n"
    for text, names in told.items():
        yield f"- {markdown_text(', '.join(names), 300)}: {markdown_text(text)}\n"
    said = "\n".join([*suite.trace, suite.printed]).strip()
    yield (f"\n{fenced(said)}\n" if said else "") + "\n</details>\n"
