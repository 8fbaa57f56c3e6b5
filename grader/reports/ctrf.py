"""CTRF, the Common Test Report Format, as JSON; what was not attempted is pending.

Source: the specification's JSON schema, version 1.0.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader import __version__
from grader.reports.run import Run
from grader.reports.tests import Result, Suite, Test, path_of, suites

STATUS = {
    Result.PASSED: "passed",
    Result.FAILED: "failed",
    Result.ERROR: "failed",
    Result.SKIPPED: "skipped",
}
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def write(run: Run) -> Iterator[str]:
    """The format `ctrf`, test by test; the summary follows them."""
    counts = dict.fromkeys(STATUSES, 0)
    count, seconds = 0, 0.0
    tool = {"name": "grader", "version": __version__}
    yield '{"reportFormat": "CTRF", "specVersion": "1.0.0", "generatedBy": "grader",\n'
    yield f'"results": {{"tool": {json.dumps(tool)},\n"tests": ['
    for number, suite in enumerate(suites(run), 1):
        for test in suite.tests:
            entry = _entry(run, suite, test)
            yield (",\n" if sum(counts.values()) else "\n") + _plain(entry)
            counts[entry["status"]] += 1
            seconds += test.seconds
        count = number
    times = {"start": int(run.started * 1000), "stop": int(run.ended * 1000), "duration": round(seconds * 1000)}
    summary = {"tests": sum(counts.values()), **counts, "suites": count, **times}
    yield f'\n],\n"summary": {json.dumps(summary)}}}}}\n'


def _entry(run: Run, suite: Suite, test: Test) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": test.name,
        "status": "pending" if test.raw == "not_attempted" else STATUS[test.result],
        "duration": round(test.seconds * 1000),
        "suite": suite.names,
        "extra": {
            "visibility": "visible" if test.visible else "hidden",
            "score": suite.score,
            "max_score": suite.max_score,
        },
    }
    if test.raw:
        entry["rawStatus"] = test.raw
    if test.lines:
        entry["message"] = "\n".join(test.lines)
    if test.visible and test.result is Result.ERROR and suite.trace:
        entry["trace"] = "\n".join(suite.trace)
    path = path_of(run, suite.place)
    if path and suite.place is not None:
        entry["filePath"] = path
        entry |= {} if suite.place.cell else {"line": suite.place.line}
    return entry


def _plain(entry: dict[str, Any]) -> str:
    """JSON on one line; no CI's log takes what a student is called for a command."""
    return json.dumps(entry, ensure_ascii=False, allow_nan=False).replace("##", "\\u0023#")
