"""An assignment's rules in pyproject.toml: what is read, and one clear line for every slip."""

from datetime import UTC, datetime

import pytest

from grader.errors import UsageError
from grader.gradebook.rules import Keep, Of, Penalty, Per, Rules
from grader.gradebook.settings import moment, read_rules

FULL = """
[tool.grader]
timezone = "Europe/Berlin"
grace = "1 h"
[tool.grader.assignments.affine]
deadline = 2026-11-20T18:00:00
grace = "15 min"
late_penalty = { percent = 10, per = "hour", floor = 50, of = "score" }
attempts = "best"
"""


def write(folder, text):
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


def refused(folder, text):
    with pytest.raises(UsageError) as told:
        read_rules(write(folder, text), "affine")
    return str(told.value).removeprefix(f"{folder}/")


def test_every_setting_is_read_and_the_assignment_wins_over_the_course(tmp_path):
    read = read_rules(write(tmp_path, FULL), "affine")
    penalty = Penalty(10.0, Per.HOUR, 50.0, Of.SCORE)
    assert read == Rules(datetime(2026, 11, 20, 17, tzinfo=UTC), "Europe/Berlin", 900.0, penalty, Keep.BEST)
    assert read_rules(tmp_path, "network") == Rules(None, "Europe/Berlin", 3600.0)


def test_without_settings_there_is_no_deadline(tmp_path):
    assert read_rules(tmp_path, "affine") == Rules()
    assert read_rules(write(tmp_path, "[project]\nname = 'x'\n"), "affine") == Rules()


def test_a_deadline_may_be_a_date_or_have_an_offset(tmp_path):
    table = "[tool.grader]\ntimezone = 'America/New_York'\n[tool.grader.assignments.affine]\ndeadline = "
    assert read_rules(write(tmp_path, table + "2026-11-20"), "affine").deadline == datetime(
        2026, 11, 21, 4, 59, 59, tzinfo=UTC
    )
    own = "[tool.grader.assignments.affine]\ndeadline = 2026-11-20T18:00:00+01:00"
    assert read_rules(write(tmp_path, own), "affine").deadline == datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("deadlin = 2026-11-20", "deadlin: expected one of deadline, timezone, grace, late_penalty, attempts"),
        (
            "deadline = '2026-11-20'",
            "deadline: expected a time without quotes, such as 2026-11-20T18:00:00",
        ),
        ("deadline = 18:00:00", "deadline: expected a time such as 2026-11-20T18:00:00, got datetime.time(18, 0)"),
        (
            "deadline = 2026-11-20",
            "deadline: whose clock is meant? Add a line such as timezone = 'Europe/Berlin'",
        ),
        ("timezone = 1", "timezone: expected a text such as 'Europe/Berlin', got 1"),
        (
            "timezone = '../etc'",
            "timezone '../etc': expected a name of the IANA database, such as 'Europe/Berlin' "
            "(where the system has no such database, install tzdata)",
        ),
        ("grace = 15", "grace: expected a time such as '15 min', '2 h' or '1 day', got 15"),
        ("grace = '15 weeks'", "grace: expected a time such as '15 min', '2 h' or '1 day', got '15 weeks'"),
        ("attempts = 'first'", "attempts: expected last or best, got 'first'"),
        (
            "late_penalty = 10",
            "late_penalty: expected a table such as { percent = 10, per = 'day', floor = 50 }, got 10",
        ),
        (
            "late_penalty = { percent = 10, each = 'day' }",
            "late_penalty: each: expected one of percent, per, floor, of",
        ),
        ("late_penalty = { percent = 110 }", "late_penalty: percent: expected a number from 0 to 100, got 110"),
        ("late_penalty = { percent = nan }", "late_penalty: percent: expected a number from 0 to 100, got nan"),
        ("late_penalty = { percent = true }", "late_penalty: percent: expected a number from 0 to 100, got True"),
        (
            "late_penalty = { percent = 1, per = 'week' }",
            "late_penalty: per: expected day or hour, got 'week'",
        ),
        (
            "late_penalty = { percent = 1, of = ['max'] }",
            "late_penalty: of: expected max or score, got ['max']",
        ),
    ],
)
def test_a_slip_is_told_with_its_table_and_setting(tmp_path, line, told):
    text = f"[tool.grader.assignments.affine]\n{line}\n"
    assert refused(tmp_path, text) == f"pyproject.toml: [tool.grader.assignments.affine]: {told}"


def test_tables_that_are_none_are_told(tmp_path):
    assert refused(tmp_path, "tool.grader = 1") == "pyproject.toml: [tool.grader]: expected a table, got 1"
    assert (
        refused(tmp_path, "tool.grader.assignments = 1")
        == "pyproject.toml: [tool.grader]: assignments: expected a table per assignment, got 1"
    )
    assert (
        refused(tmp_path, "tool.grader.assignments.affine = 1")
        == "pyproject.toml: [tool.grader.assignments.affine]: expected a table, got 1"
    )
    assert refused(tmp_path, "tool = ").startswith("pyproject.toml: expected TOML, but ")


def test_a_time_on_the_command_line_is_the_courses():
    assert moment("2026-11-20 18:00", "Europe/Berlin") == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert moment("2026-11-20", "Europe/Berlin") == datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)
    assert moment("2026-11-20T18:00+05:00", None) == datetime(2026, 11, 20, 13, tzinfo=UTC)
    for text, told in {
        "tomorrow": "'tomorrow': expected a time such as 2026-11-20 or '2026-11-20 18:00'",
        "2026-11-20": "'2026-11-20': whose clock is meant? Add an offset, as in '2026-11-20 18:00+01:00'",
    }.items():
        with pytest.raises(UsageError) as error:
            moment(text, None)
        assert str(error.value) == told
