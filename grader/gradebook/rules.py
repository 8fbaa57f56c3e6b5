"""Deadline, grace, late penalty and attempts, as pure functions of times and points.

Lateness is counted from the end of the grace period. A day ends at the same time by the clock on
the wall of the course's time zone, so one with a change of clocks has 23 or 25 hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from grader.errors import UsageError

DECIMALS = 4
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Per(StrEnum):
    """How lateness is counted: by started days or by started hours."""

    DAY = "day"
    HOUR = "hour"


class Of(StrEnum):
    """What a late penalty is a part of: full marks, or the points that the work earned."""

    MAX = "max"
    SCORE = "score"


class Keep(StrEnum):
    """Which attempt counts."""

    LAST = "last"
    BEST = "best"


class Penalty(msgspec.Struct, frozen=True):
    """`percent` is lost for each period late; no work falls below `floor` per cent because of it."""

    percent: float
    per: Per = Per.DAY
    floor: float = 0.0
    of: Of = Of.MAX


class Rules(msgspec.Struct, frozen=True):
    """An assignment's settings. `deadline` knows its time zone, `timezone` names the course's; `grace` in seconds."""

    deadline: datetime | None = None
    timezone: str | None = None
    grace: float = 0.0
    penalty: Penalty | None = None
    attempts: Keep = Keep.LAST


def zone_of(name: str | None) -> tzinfo:
    """The time zone of that name in the IANA database; UTC where none is named.

    Raises
    ------
    UsageError : there is none of that name.
    """
    try:
        return UTC if name in (None, "UTC") else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"timezone {name!r}: expected a name of the IANA database, such as 'Europe/Berlin' "
            "(where the system has no such database, install tzdata)"
        ) from None


def instant(when: datetime | date, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which the clocks of `zone` show `when`; a date alone means its last second.

    Where clocks change, a time may come twice or never; the later reading is taken, for the student.
    """
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(23, 59, 59))
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    return max(when.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def due(rules: Rules, extension: datetime | None) -> datetime | None:
    """A student's deadline: the assignment's, or the one of their own."""
    return rules.deadline if extension is None else extension


def periods_late(rules: Rules, handed_in: datetime | None, deadline: datetime | None) -> int:
    """How many days or hours late, begun ones counted; 0 when in time, or when a time is not known."""
    if handed_in is None or deadline is None:
        return 0
    handed = handed_in.astimezone(UTC).replace(microsecond=0)
    end = deadline.astimezone(UTC) + timedelta(seconds=rules.grace)
    if handed <= end:
        return 0
    if rules.penalty is not None and rules.penalty.per is Per.HOUR:
        return math.ceil((handed - end) / HOUR)
    zone = zone_of(rules.timezone)
    wall = end.astimezone(zone).replace(tzinfo=None)
    days = max(1, (handed - end) // DAY)  # the first day that may not have ended yet
    while instant(wall + days * DAY, zone) < handed:
        days += 1
    return days


def after_penalty(score: float, max_score: float, late: int, penalty: Penalty | None) -> float:
    """What is left of `score` after `late` periods; never more than `score`, never less than 0."""
    if penalty is None or late == 0:
        return score
    whole = max_score if penalty.of is Of.MAX else score
    floor = min(score, whole * penalty.floor / 100)
    return min(score, round(max(floor, score - late * whole * penalty.percent / 100, 0.0), DECIMALS))


def counting(times: Sequence[datetime], marks: Sequence[float | None], keep: Keep) -> int:
    """The position of the attempt that counts, of at least one.

    Parameters
    ----------
    times : when each attempt was handed in or, where nobody knows, recorded.
    marks : the mark of each after its penalty; None has no mark, and is the least.
    """
    positions = range(len(times))
    if keep is Keep.LAST:
        return max(positions, key=lambda i: (times[i], i))
    return max(positions, key=lambda i: (-1.0 if marks[i] is None else marks[i], times[i], i))
