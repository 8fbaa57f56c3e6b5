"""Pages: a student's feedback and a class's overview, each one file that asks for nothing else.

Jinja2 writes them, with every text escaped; it comes with the extra [class], and without it the
other reports are still written.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.errors import UsageError
from grader.model import AnswerKey, Grade
from grader.reports.charts import STATES as CHART_STATES
from grader.reports.charts import histogram, length, shares
from grader.reports.entry import Entry
from grader.reports.feedback import SIGNS, Feedback, feedback, points
from grader.reports.overview import Row, Survey, survey
from grader.reports.run import Run
from grader.reports.tally import BINS
from grader.texts import say, speaking

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
OVERVIEW = "index.html"
PAGE = 5000
"""Students on one page: as many as a browser sorts and filters while one waits."""
GRADIENT = re.compile(r"x|[wb]\d+")
"""Outputs that the picture of a network can mark."""
MISSING = "pages need Jinja2; install it with: pip install 'nabla-grader[class]'"


class Page(NamedTuple):
    """A file with a part of the class, and the ids of its first and last student."""

    file: str
    first: str
    last: str


def available() -> bool:
    """Whether pages can be written here."""
    return find_spec("jinja2") is not None and find_spec("latex2mathml") is not None


def write(run: Run) -> Iterator[str]:
    """The format `html`: the feedback of a check, or a class's overview.

    Raises
    ------
    UsageError : Jinja2 is not installed.
    """
    if not available():
        raise UsageError(f"--format html: {MISSING}")
    if run.own:
        yield from (feedback_page(run.key, grade, own=True) for grade in run.grades)
    else:
        with survey(run.key, map(Entry.of, run.grades)) as class_:
            yield from overview_page(run.key, class_)


def feedback_page(key: AnswerKey, grade: Grade, entry: Entry | None = None, *, own: bool = False) -> str:
    """feedback.html: what one student is told."""
    with speaking(key.language):
        return told_page(key, feedback(key, grade, entry, own=own))


def told_page(key: AnswerKey, told: Feedback) -> str:
    """As `feedback_page`, of feedback that is there already."""
    graphs = {e.id: graph for e in told.exercises if (graph := _graph(key, e.id, e.wrong))}
    page: str = _template("feedback.html").render(
        told=told, graphs=graphs, policy=POLICY, css=_safe(_text("page.css") + _text("feedback.css"))
    )
    return page


def overview_pages(key: AnswerKey, class_: Survey) -> Iterator[tuple[str, Iterator[str]]]:
    """The file names of the class's pages and their pieces: to be written one after the other.

    All students are in index.html; a class of more than PAGE goes on in students-2.html and so on.
    """
    pages = list(_pages(class_))
    rows = class_.rows()
    yield OVERVIEW, overview_page(key, class_, islice(rows, PAGE), pages)
    for page in pages[1:]:
        yield (
            page.file,
            _template("students.html").generate(page=page, **_roll(key, class_, islice(rows, PAGE), pages, page)),
        )


def _pages(class_: Survey) -> Iterator[Page]:
    """Each page's file, and the ids of its first and last student."""
    ids = (row.id for row in class_.rows())
    for number in count(1):
        own = list(islice(ids, PAGE))
        if not own and number > 1:
            return
        file = OVERVIEW if number == 1 else f"students-{number}.html"
        yield Page(file, *((own[0], own[-1]) if own else ("", "")))


def _roll(
    key: AnswerKey, class_: Survey, rows: Iterable[Row], pages: Sequence[Page], here: Page | None
) -> dict[str, Any]:
    """What a page with a table of students needs."""
    script = _text("overview.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "key": key,
        "worth": round(sum(e.max_score for e in class_.exercises), 4),
        "rows": rows,
        "pages": pages,
        "here": here.file if here else OVERVIEW,
        "policy": f"{POLICY}; script-src 'sha256-{digest}'",
        "css": _safe(_text("page.css") + _text("overview.css")),
        "script": _safe(script),
    }


def overview_page(
    key: AnswerKey, class_: Survey, rows: Iterable[Row] | None = None, pages: Sequence[Page] = ()
) -> Iterator[str]:
    """index.html piece by piece: what the class did not understand, and a row for every student.

    Parameters
    ----------
    rows : those that are on this page; all, without.
    """
    tally = class_.tally
    labels = [f"{100 * i // BINS}–{100 * (i + 1) // BINS} %" for i in range(BINS)]
    most = max((m.students for m in class_.mistakes), default=0)
    shared = [shares(e.states, f"s{i}", e.title) for i, e in enumerate(class_.exercises)]
    pieces: Iterator[str] = _template("overview.html").generate(
        class_=class_,
        **_roll(key, class_, class_.rows() if rows is None else rows, pages, None),
        look=tally.statuses["unreadable"] + tally.statuses["ungraded"],
        bins=list(zip(labels, tally.bins, strict=True)),
        histogram=_safe(histogram(tally.bins, labels, "h", "Marks of the class, by tenths")),
        shares=[_safe(svg) for svg in shared],
        lengths={m.students: _safe(length(m.students, most)) for m in class_.mistakes},
        chart_states=CHART_STATES,
    )
    return pieces


def mathml(latex: str) -> Any:
    """A formula of an author's as MathML, which browsers draw without a script; it may be broken at each \\qquad."""
    return _safe(" ".join(map(_mathml, latex.split(r"\qquad"))))


@lru_cache(256)
def _mathml(latex: str) -> str:
    from latex2mathml.converter import convert

    return convert(latex, display="block")


def _graph(key: AnswerKey, exercise: str, wrong: list[str]) -> Any:
    known = next((e for e in key.exercises if e.id == exercise), None)
    if known is None or known.graph is None or not any(GRADIENT.fullmatch(name) for name in wrong):
        return None
    from grader.reports.graph import network_graph

    title = say("page.graph")
    return _safe(network_graph(known.graph.layers, known.graph.names, title, wrong=wrong, id=exercise))


def _safe(text: str) -> Any:
    """Text of ours, which is markup already."""
    from markupsafe import Markup

    return Markup(text)


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


@lru_cache(1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(signs=SIGNS, say=say, points=points, mathml=mathml)
    return made


def _template(name: str) -> Any:
    return _environment().get_template(name)
