"""`grader export gradescope --zip`: the autograder that Gradescope runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from grader.errors import UsageError
from grader.whole import whole

MAX_ZIP = 100_000_000
"""Bytes; Gradescope takes no larger one."""


def write_autograder(archive: Path, key_file: Path, wheels: Path | None) -> None:
    """Write the zip for a proven key, with the wheels of a folder, or with those that pip fetches.

    Raises
    ------
    UsageError : no proven key, no wheels, or the zip cannot be written.
    """
    from grader.exports.autograder import autograder_zip
    from grader.exports.wheels import downloaded, own_wheel, requirements, wheels_in
    from grader.keyfile import dump_key
    from grader.source import file_source

    key = file_source(key_file, None, unproven=False).key(lambda line: click.echo(line, err=True))
    if key.variants:
        click.echo(f"{key.assignment}: every submission is held against variant 0; Gradescope knows no other", err=True)
    pins = requirements()
    with tempfile.TemporaryDirectory() as name:
        if wheels is None:
            downloaded(pins, Path(name))
        found = dict(wheels_in(wheels or Path(name)))
    own, data = own_wheel()
    content = autograder_zip(dump_key(key), pins, found | {own: data})
    if len(content) > MAX_ZIP:
        raise UsageError(
            f"{archive}: would be {len(content):,} bytes, and Gradescope takes {MAX_ZIP:,}; name an empty folder "
            "with --wheels, and they are fetched when it builds"
        )
    with whole(archive, "name another file", private=True) as file:
        file.write(content)
    click.echo(
        f"{archive}: {key.assignment} for Gradescope, {len(found) + 1} wheels; it holds every answer, "
        "keep it from students"
    )
