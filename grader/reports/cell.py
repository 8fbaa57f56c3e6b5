"""What a notebook shows of a check: a table without scripts, in the notebook's own colours."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from grader.model import ExerciseGrade, Grade, Verdict
from grader.reports.clean import clean
from grader.reports.run import Run, Telling
from grader.reports.terminal import Look, fitted
from grader.reports.text import MARKS, exercise_report, mark, next_unfinished, progress, solved
from grader.texts import say, speaking

COLUMNS = ("exercise", "case", "output", "result")
STYLE = """<style>
.nabla-check { color: inherit; background: transparent; }
.nabla-check table { border-collapse: collapse; color: inherit; }
.nabla-check caption { text-align: left; font-weight: bold; white-space: nowrap; }
.nabla-check th, .nabla-check td { text-align: left; padding: 0.15em 0.8em 0.15em 0; border-bottom: 1px solid currentColor; }
.nabla-check td.nabla-what { white-space: normal; }
.nabla-check pre { color: inherit; background: transparent; white-space: pre-wrap; }
</style>"""  # noqa: E501


def html(run: Run, note: str = "") -> str:
    """The check as HTML: a row for each output of each case that was told, then what is wrong in words and numbers."""
    with speaking(run.key.language):
        return _html(run, note)


def _html(run: Run, note: str) -> str:
    grade = next(iter(run.grades))
    told = _told(run, grade)
    columns = "".join(f'<th scope="col">{escape(say(f"notebook.{n}"))}</th>' for n in COLUMNS)
    rows = "".join(_rows(run, grade, told))
    parts = [
        f'<div class="nabla-check">{STYLE}<table>',
        f"<caption>{escape(progress(grade, run.key))}</caption>",
        f"<thead><tr>{columns}</tr></thead>",
        f"<tbody>{rows}</tbody></table>",
        *(f"<p>{escape(line)}</p>" for line in [*grade.remarks, note] if line),
        f"<pre>{escape(_words(run, grade, told))}</pre></div>",
    ]
    return "\n".join(parts)


def _told(run: Run, grade: Grade) -> list[ExerciseGrade]:
    """The exercises whose cases are listed: the one that was asked for, else those that were begun, at least one."""
    telling = run.telling or Telling()
    if telling.chosen and len(grade.exercises) == 1:
        return list(grade.exercises)
    wrong = [e for e in grade.exercises if mark(e) == MARKS[False]]
    return wrong if telling.every else [e for e in [next_unfinished(grade)] if e is not None]


def _rows(run: Run, grade: Grade, told: list[ExerciseGrade]) -> Iterator[str]:
    ids = {e.id for e in told}
    titles = {c.id: c.title for e in run.key.exercises if e.id in ids for c in e.cases}
    for exercise in grade.exercises:
        if exercise.id not in ids:
            yield f"<tr><td>{escape(exercise.id)}</td><td></td><td></td><td>{escape(_short(exercise))}</td></tr>"
            continue
        for verdict in exercise.verdicts:
            yield (
                f'<tr><td>{escape(exercise.id)}</td><td title="{escape(titles.get(verdict.case, ""))}">'
                f"{escape(verdict.case)}</td><td>{escape(verdict.output)}</td>"
                f'<td class="nabla-what">{escape(_result(verdict))}</td></tr>'
            )


def _short(exercise: ExerciseGrade) -> str:
    words = {MARKS[True]: say("notebook.passed"), MARKS[False]: say("notebook.wrong")}
    return f"{mark(exercise)} {words.get(mark(exercise), say('hidden.not_attempted'))}"


def _result(verdict: Verdict) -> str:
    return f"{MARKS[verdict.passed]} {say('notebook.passed') if verdict.passed else clean(verdict.message or '', 300)}"


def _words(run: Run, grade: Grade, told: list[ExerciseGrade]) -> str:
    """The same words as in a terminal."""
    known = {e.id: e for e in run.key.exercises}
    standing = {e.id: solved(e) for e in grade.exercises}
    lines: list[str] = []
    for exercise in told:
        if not solved(exercise):
            lines += [*exercise_report(exercise, known[exercise.id], run.telling or Telling(), standing), ""]
    if all(standing.values()):
        lines.append(say("check.passed"))
    return "".join(fitted(["\n".join(lines).strip("\n")], Look(width=100)))
