"""Deadlines, grace, late penalties and attempts: laws, and the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook.rules import (
    Keep,
    Of,
    Penalty,
    Per,
    Rules,
    after_penalty,
    counting,
    due,
    instant,
    periods_late,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def rules(deadline=None, per=Per.DAY, timezone="Europe/Berlin", grace=0.0):
    return Rules(deadline, timezone, grace, Penalty(10.0, per))


def test_a_time_is_that_of_the_course_and_a_date_alone_its_last_second():
    assert utc(2026, 11, 20, 17) == instant(datetime(2026, 11, 20, 18), BERLIN)
    assert utc(2026, 11, 20, 22, 59, 59) == instant(date(2026, 11, 20), BERLIN)
    assert utc(2026, 11, 20, 18) == instant(datetime(2026, 11, 20, 18, tzinfo=UTC), BERLIN)


def test_of_a_time_that_comes_twice_or_never_the_later_reading_holds():
    assert utc(2026, 10, 25, 1, 30) == instant(datetime(2026, 10, 25, 2, 30), BERLIN)
    assert utc(2026, 3, 29, 1, 30) == instant(datetime(2026, 3, 29, 2, 30), BERLIN)


def test_the_last_second_is_in_time_and_the_next_one_is_a_day_late():
    deadline = utc(2026, 11, 20, 17)
    late = [periods_late(rules(deadline), deadline + timedelta(seconds=s, microseconds=999), deadline) for s in (0, 1)]
    assert late == [0, 1]


def test_a_day_lasts_as_long_as_the_clock_on_the_wall_says():
    deadline = instant(datetime(2026, 10, 24, 18), BERLIN)  # clocks go back in the night: 25 hours
    assert periods_late(rules(deadline), deadline + timedelta(hours=25), deadline) == 1
    assert periods_late(rules(deadline), deadline + timedelta(hours=25, seconds=1), deadline) == 2
    deadline = instant(datetime(2026, 3, 28, 18), BERLIN)  # and forward: 23 hours
    assert periods_late(rules(deadline), deadline + timedelta(hours=23, seconds=1), deadline) == 2
    assert periods_late(rules(deadline, Per.HOUR), deadline + timedelta(hours=23, seconds=1), deadline) == 24


def test_grace_moves_the_end_from_which_lateness_counts():
    deadline = utc(2026, 11, 20, 17)
    gracious = rules(deadline, grace=900.0)
    assert periods_late(gracious, deadline + timedelta(minutes=15), deadline) == 0
    assert periods_late(gracious, deadline + timedelta(minutes=16), deadline) == 1
    assert periods_late(gracious, deadline + timedelta(days=1, minutes=15), deadline) == 1


def test_nobody_is_late_whose_time_or_deadline_is_not_known():
    assert periods_late(rules(), utc(2026, 1, 1), None) == 0
    assert periods_late(rules(utc(2020, 1, 1)), None, utc(2020, 1, 1)) == 0


def test_an_extension_takes_the_place_of_the_deadline():
    assert due(rules(utc(2026, 1, 1)), utc(2026, 2, 1)) == utc(2026, 2, 1)
    assert due(rules(utc(2026, 1, 1)), None) == utc(2026, 1, 1)


@given(MOMENTS, MOMENTS, MOMENTS, st.sampled_from(ZONES), st.sampled_from(list(Per)), st.floats(0, 200_000))
def test_handing_in_later_never_makes_less_late(deadline, one, other, zone, per, grace):
    of = rules(deadline, per, zone, grace)
    first, second = sorted([one, other])
    assert periods_late(of, first, deadline) <= periods_late(of, second, deadline)


@given(MOMENTS, st.integers(0, 60 * 86400), st.sampled_from(ZONES))
def test_days_late_are_the_elapsed_time_but_for_changes_of_clocks(deadline, seconds, zone):
    late = periods_late(rules(deadline, Per.DAY, zone), deadline + timedelta(seconds=seconds), deadline)
    assert (seconds - 3600) / 86400 <= late <= (seconds + 3600) / 86400 + 1
    assert (late == 0) == (seconds == 0 or deadline.replace(microsecond=0) + timedelta(seconds=seconds) <= deadline)


PENALTIES = st.builds(
    Penalty, st.floats(0, 100), st.sampled_from(list(Per)), st.floats(0, 100), st.sampled_from(list(Of))
)


@given(st.floats(0, 50), st.floats(50, 100), st.integers(0, 400), st.integers(0, 400), PENALTIES)
@example(1.59375, 50.0, 0, 1, Penalty(0.0))
def test_a_late_mark_falls_with_time_and_never_below_its_floor(score, max_score, days, more, penalty):
    left = after_penalty(score, max_score, days, penalty)
    assert after_penalty(score, max_score, days + more, penalty) <= left <= score
    whole = max_score if penalty.of is Of.MAX else score
    assert left >= min(score, whole * penalty.floor / 100) - 1e-4


@given(st.floats(0, 20), st.floats(0, 20), st.integers(0, 30), PENALTIES)
def test_who_earned_more_keeps_more_at_the_same_lateness(one, other, days, penalty):
    low, high = sorted([one, other])
    assert after_penalty(low, 20, days, penalty) <= after_penalty(high, 20, days, penalty)


def test_a_penalty_in_numbers():
    assert after_penalty(18, 20, 2, Penalty(10)) == 14
    assert after_penalty(18, 20, 2, Penalty(10, of=Of.SCORE)) == 14.4
    assert after_penalty(18, 20, 9, Penalty(10, floor=50)) == 10
    assert after_penalty(6, 20, 9, Penalty(10, floor=50)) == 6
    assert after_penalty(18, 20, 30, Penalty(10)) == 0
    assert after_penalty(18, 20, 0, Penalty(10)) == after_penalty(18, 20, 9, None) == 18


def test_the_last_attempt_is_the_last_in_time_and_the_best_the_later_of_equals():
    times = [utc(2026, 1, 3), utc(2026, 1, 1), utc(2026, 1, 2)]
    assert counting(times, [1.0, 5.0, 5.0], Keep.LAST) == 0
    assert counting(times, [1.0, 5.0, 5.0], Keep.BEST) == 2
    assert counting(times, [None, 0.0, None], Keep.BEST) == 1
    assert counting(times[:1] * 2, [0.0, 0.0], Keep.LAST) == 1


def test_an_unknown_time_zone_is_told():
    with pytest.raises(UsageError) as told:
        zone_of("Europe/Berlim")
    assert (
        str(told.value) == "timezone 'Europe/Berlim': expected a name of the IANA database, such as 'Europe/Berlin' "
        "(where the system has no such database, install tzdata)"
    )
