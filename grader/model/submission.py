"""A Submission: one student's files, and what is known of where they came from."""

from __future__ import annotations

import msgspec


class Cell(msgspec.Struct, frozen=True):
    """Where a notebook's code cell stands in the source made of it.

    `number` counts the code cells from 1; 0 is one that the student had deleted and that was put
    back. Its lines are `first` to `first + lines - 1` of the source.
    """

    number: int
    first: int
    lines: int


class Notebook(msgspec.Struct, frozen=True):
    """The notebook that a file of a submission was made of: its name, and its cells in order."""

    name: str
    cells: list[Cell]


class Origin(msgspec.Struct, frozen=True):
    """What an export's layout says of a submission.

    `layout` is canvas, moodle, gradescope, nbgrader or clones, and empty for a plain folder;
    `entry` is the export's own name for it, under which feedback goes back; `late` is the LMS's
    flag, None where it tells nothing; `handed_in` a time in ISO 8601 with its offset from UTC.
    `name` and `email` are a roster's where the export has no name.
    """

    layout: str = ""
    entry: str = ""
    name: str = ""
    email: str = ""
    late: bool | None = None
    handed_in: str | None = None


class Submission(msgspec.Struct, frozen=True):
    """One student's files.

    `main` names the file with the functions; `problem` says why there is none; `variant` picks the
    student's own numbers; `remarks` are what a student should know of how the files were read.
    `notebooks` tells which of `files` were made of which notebook. `members` are the ids of all who
    share the submission, and empty for one student's own. `reading` marks what reading the raw files
    depended on; one that is graded already and was not read has a `main` and no `files`.
    """

    id: str
    files: dict[str, bytes]
    main: str | None
    sha256: str
    problem: str | None = None
    variant: int = 0
    remarks: list[str] = []
    notebooks: dict[str, Notebook] = {}
    origin: Origin = Origin()
    members: list[str] = []
    reading: str = ""

    @property
    def unread(self) -> bool:
        """Whether its files were only hashed, because they are graded already."""
        return self.main is not None and not self.files
