"""Markdown: a student's feedback, and a class in short. What a student wrote stays text in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from grader.model import AnswerKey, Grade, Status
from grader.reports.entry import Entry
from grader.reports.feedback import SIGNS, Feedback, Problem, Shown, Told, feedback, points
from grader.reports.grids import Grid, Pair
from grader.reports.overview import Survey, survey
from grader.reports.run import Run
from grader.texts import say, speaking

SPECIAL = re.compile(r"[\\`*_\[\]<>#|~$&@]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|://|www(?=\.)")
TICKS = re.compile("`+")
SIGN = {"wrong": "✗", "right": "✓", "": " "}
MAX_MISTAKES = 20


def write(run: Run) -> Iterator[str]:
    """The format `markdown`: the feedback of a check, or a class in short."""
    if run.own:
        yield from (feedback_text(run.key, grade, own=True) for grade in run.grades)
    else:
        with survey(run.key, map(Entry.of, run.grades)) as class_:
            yield from overview_text(run.key, class_)


def feedback_text(key: AnswerKey, grade: Grade, entry: Entry | None = None, *, own: bool = False) -> str:
    """feedback.md: what one student is told."""
    with speaking(key.language):
        return told_text(feedback(key, grade, entry, own=own))


def told_text(told: Feedback) -> str:
    """As `feedback_text`, of feedback that is there already."""
    return "\n\n".join(_feedback(told)) + "\n"


def plain(text: str) -> str:
    """A text as Markdown shows it again, on one line: no mark of it means anything, and no address becomes a link."""
    return SPECIAL.sub(_escaped, " ".join(text.split()))


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    return ":\\//" if text == "://" else "w\\ww" if text == "www" else f"\\{text}"


def span(text: str) -> str:
    """A text as code within a line."""
    flat = " ".join(text.split()) or " "
    ticks = "`" * (max((len(run) for run in TICKS.findall(flat)), default=0) + 1)
    return f"{ticks} {flat} {ticks}" if "`" in flat else f"{ticks}{flat}{ticks}"


def block(text: str) -> str:
    """A text as code on lines of its own."""
    ticks = "`" * max(3, max((len(run) for run in TICKS.findall(text)), default=0) + 1)
    return f"{ticks}text\n{text}\n{ticks}"


# ----------------------------------------------------------------------------------- feedback


def _feedback(told: Feedback) -> Iterator[str]:
    yield f"# {plain(told.title)}"
    who = span(told.id) + (f" ({plain(told.name)})" if told.name else "")
    if told.own:
        yield say("page.own_check_of", who=who)
    else:
        yield f"{who}: **{points(told.mark)} {say('page.of_points', points=points(told.max_score))}**"
    if told.status is not Status.GRADED:
        yield say("page.could_not_be_read" if told.status is Status.UNREADABLE else "page.could_not_be_graded")
        yield block(told.message)
    yield from (plain(text) for text in (*told.marked, *told.remarks))
    if told.exercises:
        yield "\n".join(
            [f"| | {say('page.exercise')} | {say('page.points')} |", "| --- | --- | --- |", *map(_line, told.exercises)]
        )
    for exercise in told.exercises:
        if exercise.state != "solved" or exercise.remarks:
            yield from _exercise(exercise)


def _line(told: Told) -> str:
    return f"| {SIGNS[told.state]} | {plain(told.title)} | {points(told.score)} / {points(told.max_score)} |"


def _exercise(told: Told) -> Iterator[str]:
    yield f"## {SIGNS[told.state]} {plain(told.title)}"
    about = [span(told.signature or told.id), plain(told.source)]
    numbers = {"points": points(told.score), "all": points(told.max_score)}
    score = say("page.state_points", state=say(f"state.{told.state}"), **numbers)
    yield f"{' · '.join(a for a in about if a)} – {score}"
    if told.state == "open":
        yield plain(told.message or say("hidden.not_attempted"))
    for problem in told.problems:
        yield from _problem(problem)
    yield from (say("page.remark", remark=plain(remark)) for remark in told.remarks)
    if told.agreement:
        yield plain(told.agreement)
    for line in told.lines:
        yield say("page.own_line_at", place=plain(line.place))
        if line.text:
            yield block(line.text)
    if told.formula and told.state != "solved":
        yield f"{say('page.starts_from')}\n\n$$\n{told.formula}\n$$"
    for shown in told.shown:
        yield from _shown(shown, say("page.visible_case"))
    if told.smallest is not None:
        yield from _shown(told.smallest, say("page.smallest"))
    if told.printed:
        yield say("page.it_printed")
        yield block(told.printed)
    if told.hidden[1] and told.state not in ("open", "solved"):
        yield say("page.hidden_count", right=told.hidden[0], all=told.hidden[1])


def _problem(problem: Problem) -> Iterator[str]:
    if problem.hint or problem.steps:
        steps = [*problem.steps, problem.hint] if problem.hint else problem.steps
        yield f"> **{plain(', '.join(problem.outputs))}**: " + "\n>\n> ".join(plain(s) for s in reversed(steps))
    if problem.message:
        yield block(problem.message) + (f"\n({plain(problem.where)})" if problem.where else "")


def _shown(shown: Shown, title: str) -> Iterator[str]:
    yield f"### {title}: {plain(shown.title)}"
    lines = [shown.call] if shown.call else []
    lines += _beside(shown.inputs)
    for pair in shown.pairs:
        lines += ["", *_pair(pair)]
    lines += ["", shown.said] if shown.said else []
    lines += ["", say("check.expected"), *_beside(shown.expected)] if shown.expected else []
    yield block("\n".join(lines))


def _pair(pair: Pair) -> list[str]:
    return [f"{pair.output}: {pair.told}" if pair.told else pair.output, *_beside([pair.returned, pair.expected])]


def _beside(grids: Sequence[Grid]) -> list[str]:
    """Grids side by side, as many as fit in a line."""
    lines: list[str] = []
    row: list[list[str]] = []
    for grid in grids:
        drawn = _drawn(grid)
        if row and sum(len(d[0]) + 3 for d in row) + len(drawn[0]) > 100:
            lines += _joined(row)
            row = []
        row.append(drawn)
    return lines + _joined(row)


def _joined(row: Sequence[list[str]]) -> list[str]:
    return ["   ".join(parts).rstrip() for parts in zip_longest(*(_padded(d, row) for d in row), fillvalue="")]


def _padded(drawn: list[str], row: Sequence[list[str]]) -> list[str]:
    return drawn + [" " * len(drawn[0])] * (max(map(len, row)) - len(drawn))


def _drawn(grid: Grid) -> list[str]:
    """A grid as lines of the same length: its name, then its rows in brackets."""
    if grid.words:
        lines = [grid.name, grid.words]
    else:
        cells = [[c.text + (SIGN[c.mark] if _marked(grid) else "") for c in row] for row in grid.rows]
        wide = max((len(c) for row in cells for c in row), default=0)
        lines = [f"{grid.name} {grid.shape}".rstrip()]
        lines += [f"[ {'  '.join(c.rjust(wide) for c in row)} ]" for row in cells]
        lines += [grid.note] if grid.note else []
    return [line.ljust(max(map(len, lines))) for line in lines]


def _marked(grid: Grid) -> bool:
    return any(c.mark for row in grid.rows for c in row)


# ----------------------------------------------------------------------------------- overview


def overview_text(key: AnswerKey, class_: Survey) -> Iterator[str]:
    """A class in short: marks, exercises, and what to explain again; no student's name is in it."""
    tally = class_.tally
    worth = points(sum(e.max_score for e in class_.exercises))
    yield f"# {plain(key.title)}\n\n"
    yield (
        f"{tally.handed_in} submission{'' if tally.handed_in == 1 else 's'}, median {points(tally.median)} and mean "
        f"{points(tally.mean)} of {worth} points, {tally.full} with full marks\n\n"
    )
    yield "".join(f"- {count} {word}\n" for word, count in (*class_.statuses, *class_.outcomes))
    yield "\n| exercise | solved | partly | not right | not attempted | difficulty | discrimination |\n"
    yield f"|{' --- |' * 7}\n"
    for e in class_.exercises:
        told = [plain(e.title), *(str(n) for n in e.states.values()), _figure(e.difficulty), _figure(e.discrimination)]
        yield f"| {' | '.join(told)} |\n"
    if class_.mistakes:
        yield "\n## What to explain again\n\n| students | exercise | what they did, and what a tutor would say |\n"
        yield f"|{' --- |' * 3}\n"
        for m in class_.mistakes[:MAX_MISTAKES]:
            yield f"| {m.students} | {plain(m.title)} | {plain(f'{m.name}. {m.hint}' if m.hint else m.name)} |\n"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")
