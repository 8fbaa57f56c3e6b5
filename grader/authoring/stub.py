"""A reference without its solutions: the file that a student begins with."""

from __future__ import annotations

import re

from grader.errors import AuthorError

BEGIN = re.compile(r"^(?P<indent>\s*)# BEGIN SOLUTION(?::\s?(?P<instead>.*))?$")
END = re.compile(r"^\s*# END SOLUTION\s*$")
NBGRADER_BEGIN, NBGRADER_END = "### BEGIN SOLUTION", "### END SOLUTION"
DEFAULT = "# your code here"


def stub_source(source: str, where: str, marked: bool = False) -> str:
    """The reference's text without its solutions.

    What stands between "# BEGIN SOLUTION" and "# END SOLUTION" is replaced by the text behind the
    colon of the first, or by "# your code here".

    Parameters
    ----------
    where : names the file in messages.
    marked : whether to keep a mark around each such place, as nbgrader's own notebooks have it:
        without one it clears the whole cell, docstring and all.

    Raises
    ------
    AuthorError : a marker without its partner.
    """
    inside = solution_lines(source, where)
    lines: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        if begin := BEGIN.match(line):
            instead = begin["instead"] if begin["instead"] is not None else DEFAULT
            lines += [f"{begin['indent']}{NBGRADER_BEGIN}"] if marked else []
            lines += [f"{begin['indent']}{instead}".rstrip()] if instead else []
            lines += [f"{begin['indent']}{NBGRADER_END}"] if marked else []
        elif number not in inside and not END.match(line):
            lines.append(line)
    return "\n".join(lines) + "\n"


def solution_lines(source: str, where: str) -> set[int]:
    """The numbers of the lines between "# BEGIN SOLUTION" and "# END SOLUTION".

    Raises
    ------
    AuthorError : a marker without its partner; `where` names the file.
    """
    inside: set[int] = set()
    begun: int | None = None
    for number, line in enumerate(source.splitlines(), 1):
        if BEGIN.match(line):
            if begun is not None:
                raise AuthorError(
                    f"{where}:{number}: a solution begins inside the one begun in line {begun}; end that first"
                )
            begun = number
        elif END.match(line):
            if begun is None:
                raise AuthorError(f"{where}:{number}: a solution ends that never began; add '# BEGIN SOLUTION'")
            begun = None
        elif begun is not None:
            inside.add(number)
    if begun is not None:
        raise AuthorError(f"{where}:{begun}: the solution begun here never ends; add '# END SOLUTION'")
    return inside
