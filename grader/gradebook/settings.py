"""An assignment's rules from the course's pyproject.toml.

    [tool.grader]
    timezone = "Europe/Berlin"

    [tool.grader.assignments.affine]
    deadline = 2026-11-20T18:00:00
    grace = "15 min"
    late_penalty = { percent = 10, per = "day", floor = 50, of = "max" }
    attempts = "last"

What stands in [tool.grader] holds for every assignment that does not say otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import UsageError
from grader.gradebook.rules import Keep, Of, Penalty, Per, Rules, instant, zone_of

SHARED = ("timezone", "grace", "late_penalty", "attempts")
KNOWN = ("deadline", *SHARED)
UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
DURATION = re.compile(rf"(\d+(?:\.\d+)?) *({'|'.join(UNITS)})s?")

Word = TypeVar("Word", bound=StrEnum)


def read_rules(course: Path, assignment: str) -> Rules:
    """The rules of an assignment; without a pyproject.toml, or where it is silent, there is no deadline.

    Raises
    ------
    UsageError : it cannot be read, or a setting is none; names the table and the setting.
    """
    path = course / "pyproject.toml"
    table = _grader_table(path)
    everybody = f"{path}: [tool.grader]"
    assignments = table.get("assignments", {})
    if not isinstance(assignments, dict):
        raise UsageError(f"{everybody}: assignments: expected a table per assignment, got {assignments!r}")
    own = assignments.get(assignment, {})
    where = f"{path}: [tool.grader.assignments.{assignment}]"
    if not isinstance(own, dict):
        raise UsageError(f"{where}: expected a table, got {own!r}")
    for name in own:
        if name not in KNOWN:
            raise UsageError(f"{where}: {name}: expected one of {', '.join(KNOWN)}")
    shared = {name: table[name] for name in SHARED if name in table}
    return _rules(
        {name: (value, everybody) for name, value in shared.items()} | {n: (v, where) for n, v in own.items()}
    )


def moment(text: str, timezone: str | None) -> datetime:
    """A time as a user writes it on the command line: 2026-11-20, 2026-11-20 18:00, or with an offset.

    Raises
    ------
    UsageError : it is no time, or it has no offset and the course no time zone.
    """
    try:
        when = date.fromisoformat(text) if len(text) == len("2026-11-20") else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r}: expected a time such as 2026-11-20 or '2026-11-20 18:00'") from None
    if timezone is None and getattr(when, "tzinfo", None) is None:
        raise UsageError(f"{text!r}: whose clock is meant? Add an offset, as in '2026-11-20 18:00+01:00'")
    return instant(when, zone_of(timezone))


def _grader_table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        whole = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{path}: the course's settings cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UsageError(f"{path}: expected TOML, but {error}; mend the line") from None
    tools = whole.get("tool", {})
    table = tools.get("grader", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{path}: [tool.grader]: expected a table, got {table!r}")
    return table


def _rules(given: Mapping[str, tuple[Any, str]]) -> Rules:
    """Rules from setting → (value, where it stands)."""
    zone, where = given.get("timezone", (None, ""))
    if zone is not None:
        if not isinstance(zone, str):
            raise UsageError(f"{where}: timezone: expected a text such as 'Europe/Berlin', got {zone!r}")
        try:
            zone_of(zone)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
    grace, where = given.get("grace", ("0 s", ""))
    penalty, penalty_where = given.get("late_penalty", (None, ""))
    attempts, attempts_where = given.get("attempts", ("last", ""))
    return Rules(
        deadline=_deadline(*given["deadline"], zone) if "deadline" in given else None,
        timezone=zone,
        grace=_duration(grace, where),
        penalty=None if penalty is None else _penalty(penalty, penalty_where),
        attempts=_word(attempts, Keep, f"{attempts_where}: attempts"),
    )


def _deadline(value: Any, where: str, zone: str | None) -> datetime:
    if isinstance(value, str):
        raise UsageError(f"{where}: deadline: expected a time without quotes, such as 2026-11-20T18:00:00")
    if not isinstance(value, date):
        raise UsageError(f"{where}: deadline: expected a time such as 2026-11-20T18:00:00, got {value!r}")
    if zone is None and getattr(value, "tzinfo", None) is None:
        raise UsageError(f"{where}: deadline: whose clock is meant? Add a line such as timezone = 'Europe/Berlin'")
    return instant(value, zone_of(zone))


def _duration(value: Any, where: str) -> float:
    found = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise UsageError(f"{where}: grace: expected a time such as '15 min', '2 h' or '1 day', got {value!r}")
    return float(found[1]) * UNITS[found[2]]


def _penalty(value: Any, where: str) -> Penalty:
    where = f"{where}: late_penalty"
    if not isinstance(value, dict) or "percent" not in value:
        raise UsageError(
            f"{where}: expected a table such as {{ percent = 10, per = 'day', floor = 50 }}, got {value!r}"
        )
    for name in value:
        if name not in Penalty.__struct_fields__:
            raise UsageError(f"{where}: {name}: expected one of {', '.join(Penalty.__struct_fields__)}")
    return Penalty(
        percent=_percent(value["percent"], f"{where}: percent"),
        per=_word(value.get("per", "day"), Per, f"{where}: per"),
        floor=_percent(value.get("floor", 0), f"{where}: floor"),
        of=_word(value.get("of", "max"), Of, f"{where}: of"),
    )


def _percent(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100 or math.isnan(value):
        raise UsageError(f"{where}: expected a number from 0 to 100, got {value!r}")
    return float(value)


def _word(value: Any, words: type[Word], where: str) -> Word:
    try:
        return words(value)
    except ValueError:
        raise UsageError(f"{where}: expected {' or '.join(words)}, got {value!r}") from None
