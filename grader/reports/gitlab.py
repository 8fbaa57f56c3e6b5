"""GitLab's code quality report: one entry for each exercise with something wrong in it.

GitLab's test widget reads the format `junit`; this one puts the findings beside the lines of a merge
request. Source: GitLab's documentation of code quality reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from grader.reports.run import Run
from grader.reports.tests import Result, Suite, path_of, suites

SEVERITY = {Result.ERROR: "critical", Result.FAILED: "major", Result.SKIPPED: "info"}


def write(run: Run) -> Iterator[str]:
    """The format `gitlab`: an array, one entry a line."""
    yield "["
    first = True
    for suite in suites(run):
        entry = _entry(run, suite)
        if entry is not None:
            yield ("" if first else ",") + "\n" + json.dumps(entry).replace("##", "\\u0023#")
            first = False
    yield "\n]\n"


def _entry(run: Run, suite: Suite) -> dict[str, Any] | None:
    wrong = [test for result in SEVERITY for test in suite.tests if test.result is result]
    if not wrong:
        return None
    worst = wrong[0]
    rule = f"{suite.exercise or 'submission'}/{worst.raw}"
    path = path_of(run, suite.place) or run.key.file
    return {
        "description": f"{'.'.join(suite.names[1:] or suite.names)}: {worst.name}: {' '.join(worst.lines)}",
        "check_name": rule,
        "fingerprint": hashlib.sha256("\0".join([*suite.names, rule, worst.name]).encode("utf-8")).hexdigest(),
        "severity": SEVERITY[worst.result],
        "location": {"path": path, "lines": {"begin": suite.place.line if suite.place is not None else 1}},
    }
