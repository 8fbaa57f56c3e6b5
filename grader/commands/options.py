"""Options of a command from [tool.grader.COMMAND] in the course's pyproject.toml; the command line wins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from grader.errors import UsageError

OTHERS = ("assignments", "attempts", "grace", "language", "late_penalty", "slurm", "timezone")
"""What else may stand in [tool.grader]: the gradebook's rules, the language of texts, how Slurm starts workers."""

HEADER = re.compile(r"\s*\[\s*([\w.\-\"' ]+?)\s*\]\s*(?:#.*)?$")
KEY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")


def options(path: Path, command: click.Command, commands: Collection[str]) -> dict[str, Any]:
    """What `path` sets for a command, by the names of its parameters, checked.

    Parameters
    ----------
    commands : the names of all commands, each of which may have a table.

    Raises
    ------
    UsageError : a setting that there is not, or one of another type; the file, its line and the
        setting come first.
    """
    text = _read(path)
    table = _table(text, path)
    for name, value in table.items():
        if name not in commands and name not in OTHERS:
            expected = ", ".join((*OTHERS, "or a command's name"))
            raise UsageError(f"{_place(path, text, (), name)} [tool.grader] {name}: expected one of {expected}")
        if name in commands and not isinstance(value, dict):
            where = _place(path, text, (), name)
            raise UsageError(f"{where} [tool.grader] {name}: expected a table of options, got {value!r}")
    own = command.name or ""
    known = _settable(command)
    given = {}
    for name, value in table.get(own, {}).items():
        where = f"{_place(path, text, (own,), name)} [tool.grader.{own}] {name}"
        if name not in known:
            raise UsageError(f"{where}: expected one of {', '.join(sorted(known))}")
        option = known[name]
        given[option.name or name] = _value(option, value, path.parent, where)
    return given


def _settable(command: click.Command) -> dict[str, click.Option]:
    """Option by the name under which it may be set: its longest one, without dashes in front."""
    found = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            found[max(parameter.opts, key=len).lstrip("-")] = parameter
    return found


def _value(option: click.Option, value: Any, folder: Path, where: str) -> Any:
    """A setting as the option takes it; a path counts from the file in which it stands."""
    if option.multiple:
        if not isinstance(value, list):
            raise UsageError(f"{where}: expected a list of texts, got {value!r}")
        return [_one(option, each, folder, where) for each in value]
    return _one(option, value, folder, where)


def _one(option: click.Option, value: Any, folder: Path, where: str) -> Any:
    kind, told = _kind(option)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UsageError(f"{where}: expected {told}, got {value!r}")
    if isinstance(option.type, click.Path):
        return str(folder / value)
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message.rstrip('.')}") from None
    return value


def _kind(option: click.Option) -> tuple[Any, str]:
    if option.is_flag:
        return bool, "true or false"
    if isinstance(option.type, (click.types.IntParamType, click.IntRange)):
        return int, "a whole number"
    if isinstance(option.type, (click.types.FloatParamType, click.FloatRange)):
        return (int, float), "a number"
    return str, "a text in quotes"


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: the course's settings cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8 text, but {error.reason}") from None


def _table(text: str, path: Path) -> Mapping[str, Any]:
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: expected TOML, but {error}; mend the line") from None
    tools = whole.get("tool", {})
    table = tools.get("grader", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{_place(path, text, None, 'grader')} [tool] grader: expected a table, got {table!r}")
    return table


def _place(path: Path, text: str, inside: tuple[str, ...] | None, name: str) -> str:
    """`pyproject.toml:12:` of a setting: the first line that names it, or a table of its name."""
    wanted = ("tool", name) if inside is None else ("tool", "grader", *inside, name)
    header: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := HEADER.match(line):
            named = header = _parts(found[1])
        else:
            key = KEY.match(line)
            named = (*header, *_parts(key[1])) if key else ()
        if named[: len(wanted)] == wanted:
            return f"{path}:{number}:"
    return f"{path}:"


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip(" \"'") for part in dotted.split("."))
