"""JUnit XML in two dialects: the common one, and one that the strict schema of Jenkins' xUnit plugin takes.

A suite is an exercise, a test case one named output of one case. A wrong answer is a failure, an
exception or a timeout an error, what was not attempted skipped. The common dialect adds to each test
case the file and the line. JUnit knows no points: they are the suite's properties.
Source: the plugin's junit-10.xsd, and GitLab's documentation of what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from grader.reports.quoting import xml_text, xml_value
from grader.reports.run import Run
from grader.reports.tests import Result, Suite, Test, path_of, results, suites

ELEMENTS = {Result.FAILED: "failure", Result.ERROR: "error", Result.SKIPPED: "skipped"}


def write(run: Run) -> Iterator[str]:
    """The format `junit`."""
    return _write(run, strict=False)


def write_strict(run: Run) -> Iterator[str]:
    """The format `junit-strict`."""
    return _write(run, strict=True)


def _write(run: Run, strict: bool) -> Iterator[str]:
    ended, seconds = results(run)
    counts = f'tests="{sum(ended.values())}" failures="{ended[Result.FAILED]}" errors="{ended[Result.ERROR]}"'
    counts += f' time="{seconds:.3f}"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="grader" {counts}>\n'
    started = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for suite in suites(run):
        yield from _suite(run, suite, started, strict)
    yield "</testsuites>\n"


def _suite(run: Run, suite: Suite, started: str, strict: bool) -> Iterator[str]:
    name = xml_value(".".join(suite.names))
    counts = f'tests="{len(suite.tests)}" failures="{suite.count(Result.FAILED)}" errors="{suite.count(Result.ERROR)}"'
    seconds = sum(test.seconds for test in suite.tests)
    yield (
        f'<testsuite name={name} {counts} skipped="{suite.count(Result.SKIPPED)}" time="{seconds:.3f}" '
        f'timestamp="{started}">\n<properties><property name="score" value="{suite.score:g}"/>'
        f'<property name="max_score" value="{suite.max_score:g}"/></properties>\n'
    )
    where = ""
    path = "" if strict else path_of(run, suite.place)
    if path and suite.place is not None:
        where = f" file={xml_value(path)}"
        where += f' line="{suite.place.line}"' if not suite.place.cell else ""
    for test in suite.tests:
        yield from _case(test, name, where)
    said = "\n".join([*suite.trace, suite.printed]).strip()
    if said:
        yield f"<system-out>{xml_text(said)}</system-out>\n"
    yield "</testsuite>\n"


def _case(test: Test, suite: str, where: str) -> Iterator[str]:
    head = f'<testcase classname={suite} name={xml_value(test.name)} time="{test.seconds:.3f}"{where}'
    if test.result in ELEMENTS:
        element = ELEMENTS[test.result]
        message = xml_value(test.lines[0])
        yield f"{head}><{element} type={xml_value(test.raw)} message={message}>{xml_text(_text(test))}</{element}>"
        yield "</testcase>\n"
    elif test.lines:
        yield f"{head}><system-out>{xml_text(_text(test))}</system-out></testcase>\n"
    else:
        yield f"{head}/>\n"


def _text(test: Test) -> str:
    return "\n".join(test.lines)
