"""Files of earlier assignments: what a submission imports and does not bring along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.intake.box import Box, UnreadableError
from grader.intake.choose import choose
from grader.intake.files import gather
from grader.intake.folder import hash_of, look
from grader.intake.layouts import Entry
from grader.intake.names import base_name
from grader.intake.notebook import NotebookError
from grader.intake.roster import Person, match
from grader.model import Notebook, Submission


class Earlier:
    """A class with files of earlier assignments, in any layout, looked up by the student's id."""

    def __init__(self, paths: Sequence[Path], files: Sequence[str], roster: Mapping[str, Person] | None = None) -> None:
        self._files = files
        self._entries: dict[str, list[Entry]] = {}
        self.boxes: list[Box] = []
        for path in paths:
            found, box = look(path, files[0] if files else "", may_be_empty=True)
            own = list(found)
            if roster is not None:
                match(own, roster)
            self.boxes.append(box)
            for entry in own:
                for one in {entry.id, *entry.members}:
                    self._entries.setdefault(one, []).append(entry)

    def __enter__(self) -> Earlier:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archives."""
        for box in self.boxes:
            box.close()

    def complete(self, submission: Submission) -> Submission:
        """The submission with the files that it lacks taken from the student's earlier ones."""
        lacking = [name for name in self._files if name not in submission.files]
        entries = [e for one in (submission.id, *submission.members) for e in self._entries.get(one, [])]
        if submission.problem is not None or not lacking:
            return submission
        found: dict[str, bytes] = {}
        notebooks: dict[str, Notebook] = {}
        for entry in entries:
            for name in lacking:
                if name not in found and (own := self._read(entry, name)) is not None:
                    found[name], notebook = own
                    notebooks |= {name: notebook} if notebook is not None else {}
        if not found:
            return submission
        whole = {**found, **submission.files}
        return msgspec.structs.replace(
            submission, files=whole, sha256=hash_of(whole), notebooks={**notebooks, **submission.notebooks}
        )

    def _read(self, entry: Entry, name: str) -> tuple[bytes, Notebook | None] | None:
        """An earlier file: by its name or its notebook's; the only file there is counts where one is looked for."""
        try:
            files = {} if entry.problem is not None else gather(entry, name).files
            if len(self._files) > 1 and name not in files:
                files = {k: v for k, v in files.items() if base_name(k).lower() == base_name(name).lower()}
            chosen = choose(files, name, {})
        except (UnreadableError, NotebookError, OSError):  # what cannot be read is not there
            return None
        if chosen is None:
            return None
        return chosen.source, chosen.converted.notebook if chosen.converted is not None else None


def with_earlier(submission: Submission, folder: Path, files: Sequence[str]) -> Submission:
    """The submission with files that it lacks taken from the student's earlier one in `folder`; for many, `Earlier`."""
    with Earlier([folder], files) as earlier:
        return earlier.complete(submission)
