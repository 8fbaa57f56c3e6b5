"""Whose fault it is: every error that a user can meet belongs to one of these.

An error's text says where, what was expected, what came and what to do next.
"""

from __future__ import annotations


class GraderError(Exception):
    """An error with a message that is fit to be shown as it stands; `exit_code` is the command's."""

    exit_code = 3


class UsageError(GraderError):
    """The command line or a setting is wrong: a missing file, an unknown assignment."""

    exit_code = 2


class AuthorError(GraderError):
    """solutions/ is wrong: a cases.py, a reference or a known mistake. Starts with file and line."""

    exit_code = 2


class SubmissionError(GraderError):
    """A student's work cannot be read; the others are graded."""

    exit_code = 4


class SandboxError(GraderError):
    """The boundary failed, through no fault of the student: the grade is UNGRADED, never 0."""

    exit_code = 3


class WireError(ValueError):
    """Bytes that are not what the wire allows; from a worker it means a MALFORMED reply."""
