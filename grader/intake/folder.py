"""Paths → Submissions: a class in any layout, read one by one. Nothing here raises for one student's bad file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.errors import UsageError
from grader.intake.archive import is_archive, open_path
from grader.intake.box import Box, Disk, Item, Kind, UnreadableError, listed, shown, visible
from grader.intake.choose import choose
from grader.intake.files import MAX_FILE, Gathered, gather
from grader.intake.layouts import Entry, Piece, entries_of, passed_over, plain_entries
from grader.intake.names import base_name, is_wanted, tidy
from grader.intake.notebook import NotebookError
from grader.intake.reader import reading
from grader.intake.roster import Matched, Person, match
from grader.intake.skim import Skim, reading_mark
from grader.model import Notebook, Submission
from grader.texts import say

if TYPE_CHECKING:
    from grader.intake.entries import Entries

__all__ = ["MAX_FILE", "Class", "hash_of", "look", "read_submission", "student_id", "submissions", "survey"]

MAX_REFUSED = 20
EXPECTED = "expected a student's file, a student's folder or a folder of a class"


def _as_it_is(submission: Submission) -> Submission:
    return submission


class Class:
    """Who handed in, found and not yet read; iterating reads one submission after the other.

    `strangers` are ids that the roster does not have, `missing` those of the roster who handed in
    nothing, `told` sentences for the instructor, `passed` files of the class that are nobody's work here.
    """

    def __init__(
        self, entries: Entries, boxes: Sequence[Box], file: str, released: Mapping[str, bytes], mark: str
    ) -> None:
        self.entries = entries
        self.strangers: list[str] = []
        self.missing: list[Person] = []
        self.told: list[str] = []
        self.passed: list[str] = []
        self._boxes = boxes
        self._file = file
        self._released = released
        self._mark = mark

    @property
    def ids(self) -> list[str]:
        """The students' ids, sorted."""
        return [e.id for e in self.entries]

    def __iter__(self) -> Iterator[Submission]:
        return (read_entry(entry, self._file, self._released, mark=self._mark) for entry in self.entries)

    def reading(
        self,
        entries: Sequence[Entry],
        finish: Callable[[Submission], Submission] = _as_it_is,
        boxes: Sequence[Box] = (),
        skim: Skim | None = None,
    ) -> AbstractContextManager[Iterator[Submission]]:
        """Some of the entries as submissions, read by a process of its own under limits; see `reader.reading`.

        Parameters
        ----------
        finish : what else to do with a submission there, such as looking for earlier files in other `boxes`.
        skim : what is graded already; it must be told before the first submission comes.
        """

        def read(number: int) -> Submission:
            known = None if skim is None else lambda sha256, mark: skim.has(number, sha256, mark)
            return finish(read_entry(entries[number], self._file, self._released, mark=self._mark, known=known))

        def spoiled(number: int, why: str) -> Submission:
            one = entries[number]
            return _unreadable(one, Gathered(), f"{_label(one)}: {say('unread.alone', why=why)}")

        ready = None if skim is None else skim.wait
        return reading(len(entries), read, spoiled, boxes=[*self._boxes, *boxes], ready=ready)

    def __enter__(self) -> Class:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archives."""
        for box in self._boxes:
            box.close()


def submissions(
    paths: Sequence[Path],
    file: str,
    roster: Mapping[str, Person] | None = None,
    released: Mapping[str, bytes] | None = None,
) -> Iterator[Submission]:
    """The submissions at `paths` in the order of their ids, each read when it is asked for.

    See `survey`, which also tells who is missing.
    """
    with survey(paths, file, roster, released) as found:
        yield from found


def survey(
    paths: Sequence[Path],
    file: str,
    roster: Mapping[str, Person] | None = None,
    released: Mapping[str, bytes] | None = None,
    mark: str = "",
) -> Class:
    """List the submissions at `paths`: a student's file or folder, a class's folder, or an archive of one.

    A known layout is read as that. A folder that holds the stub by its exact name `file`, or exactly
    one notebook and no other entry, is one submission; any other folder is a class with one entry
    per student. Several paths are one class.

    Parameters
    ----------
    roster : the students by id; entries are given their ids.
    released : the files as they were handed out, by name: what is as in them is no work.
    mark : of these files and of the language in which a student is told.

    Raises
    ------
    UsageError : a path does not exist, holds nothing, or two students have one id.
    """
    from grader.intake.entries import Entries, by_id  # slow to import, and not needed where a student checks one file

    boxes: list[Box] = []
    entries = Entries()
    passed: list[str] = []
    try:
        for path in paths:
            own, box = look(path, file)
            boxes.append(box)
            before = len(entries)
            for entry in own:
                entries.append(entry)
            if path.is_dir() or is_archive(path.name):
                passed += passed_over(box, map(entries.__getitem__, range(before, len(entries))))
        matched = None
        if roster is not None:
            entries, matched = _matched(entries, roster)
        found = Class(by_id(entries), boxes, file, {} if released is None else released, mark)
        found.passed = passed
        if matched is not None:
            found.strangers, found.missing, found.told = matched.strangers, matched.missing, matched.told
    except BaseException:
        for box in boxes:
            box.close()
        raise
    return found


def _matched(entries: Entries, roster: Mapping[str, Person]) -> tuple[Entries, Matched]:
    """The entries under the ids of the roster."""
    from grader.intake.entries import Entries, joined, only_one_each  # as above

    every = joined(entries)
    matched = match(every, roster)
    only_one_each(every)
    renamed = Entries()
    for entry in every:
        person = roster.get(entry.id)
        if person is not None and not entry.origin.name:
            entry.origin = replace(entry.origin, name=person.name, email=entry.origin.email or person.email)
        renamed.append(entry)
    return renamed, matched


def student_id(entry: Path) -> str:
    """The folder's name, or the file's without its suffix."""
    return tidy(entry.resolve().name if entry.is_dir() else base_name(entry.name))


def read_submission(
    entry: Path, file: str, name: str, *, hashed: bool = True, released: Mapping[str, bytes] | None = None
) -> Submission:
    """One student's file or folder; what cannot be read ends as a Submission with a problem.

    Parameters
    ----------
    file : the stub's name, under which the functions are graded.
    hashed : whether to hash the files; a student's own check has no use for it.
    """
    return read_entry(_single(entry, name), file, released or {}, hashed=hashed, label=entry.name)


def read_entry(
    entry: Entry,
    file: str,
    released: Mapping[str, bytes],
    *,
    hashed: bool = True,
    label: str = "",
    mark: str = "",
    known: Callable[[str, str], bool] | None = None,
) -> Submission:
    """Read one entry; never raises.

    Parameters
    ----------
    mark : of the files as they were handed out.
    known : whether files of this SHA-256, read as by this mark, are graded already; then they are not read.
    """
    label = label or _label(entry)
    if entry.problem is not None:
        return _unreadable(entry, Gathered(), entry.problem)
    try:
        got = gather(entry, file)
    except UnreadableError as error:
        return _unreadable(entry, Gathered(), _told(label, str(error)))
    except OSError as error:
        return _unreadable(entry, Gathered(), f"{label}: {say('unread.cannot', why=error.strerror or error)}")
    remarks = [*entry.remarks, *got.remarks]
    sha256, read_as = (hash_of(got.files), reading_mark(file, mark, got.files, remarks)) if hashed else ("", "")
    if known is not None and got.files and known(sha256, read_as):
        origin, members = entry.origin, list(entry.members)
        return Submission(entry.id, {}, file, sha256, remarks=remarks, origin=origin, members=members, reading=read_as)
    try:
        chosen = choose(got.files, file, released)
    except NotebookError as error:
        return _unreadable(entry, got, str(error))
    if chosen is None:
        found = listed(got.files or got.others)
        links = "".join(f"; {r}" for r in got.remarks[:3])
        return _unreadable(entry, got, f"{label}: {say('unread.expected', file=file, found=found)}{links}")
    read = {k: v for k, v in got.files.items() if k.endswith(".py") and k != chosen.name}
    notebooks: dict[str, Notebook] = {}
    if chosen.converted is not None:
        read = {**chosen.converted.written, **read}
        notebooks[file] = chosen.converted.notebook
    read[file] = chosen.source
    return Submission(
        entry.id,
        read,
        file,
        sha256,
        remarks=[*remarks, *chosen.remarks],
        notebooks=notebooks,
        origin=entry.origin,
        members=list(entry.members),
        reading=read_as,
    )


def _told(label: str, problem: str) -> str:
    """A problem behind the name of what has it, once."""
    return problem if problem.startswith((f"{label} ", f"{label}:")) else f"{label}: {problem}"


def _label(entry: Entry) -> str:
    """What a message calls an entry: its file's or folder's own name."""
    if not entry.pieces:
        return shown(entry.id)
    piece = entry.pieces[0]
    return shown(piece.path.rpartition("/")[2] or entry.id)


# --------------------------------------------------------------------------------------- listing


def look(path: Path, file: str, may_be_empty: bool = False) -> tuple[Iterable[Entry], Box]:
    """What lies at a path; the entries come once.

    Raises
    ------
    UsageError : nothing that could be a submission.
    """
    if not path.exists():
        raise UsageError(f"{path}: {EXPECTED}; there is nothing")
    if path.is_file() and not is_archive(path.name):
        single = _single(path, student_id(path))
        return [single], single.box
    if not path.is_dir() and not path.is_file():
        raise UsageError(f"{path}: {EXPECTED}; it is neither")
    try:
        box: Box = Disk(path) if path.is_dir() else open_path(path)
    except UnreadableError as error:
        problem = Entry(student_id(path), Disk(path.parent), [], problem=str(error))
        return [problem], problem.box
    try:
        known = entries_of(box, file)
        entries = iter(_plain(box, path, file) if known is None else known)
    except UnreadableError as error:
        box.close()
        raise UsageError(f"{path}: {error}") from None
    except OSError as error:
        box.close()
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from None
    if box.refused:
        every = list(entries)
        entries = iter([*every, *_unclaimed(box, every)])
    first = list(islice(entries, 1))
    if not first and not may_be_empty:
        box.close()
        raise UsageError(f"{path}: expected one file or folder per student (or {file}); it holds no submission")
    return chain(first, entries), box


def _plain(box: Box, path: Path, file: str) -> Iterable[Entry]:
    """A folder or an archive in no known layout."""
    folder = ""
    items = visible(box, folder)
    if _is_one(items, file):
        return [Entry(student_id(path), box, [Piece(folder, "")])]
    if path.is_file() and len(items) == 1 and items[0].kind is Kind.FOLDER:  # packed with its folder
        folder = items[0].name
        items = visible(box, folder)
        if _is_one(items, file):
            return [Entry(student_id(path), box, [Piece(folder, "")])]
    return plain_entries(box, folder, items)


def _is_one(items: Sequence[Item], file: str) -> bool:
    """Whether a folder is one student's: the stub by its name, or one notebook and no other entry."""
    if Item(file, Kind.FILE) in items:
        return True
    return len(items) == 1 and items[0].kind is Kind.FILE and items[0].name.endswith(".ipynb")


def _single(path: Path, name: str) -> Entry:
    """A path that is one student's: a file, an archive, or a folder. A link that was named is followed."""
    if path.is_dir():
        return Entry(name, Disk(path), [Piece("", "")])
    wanted = is_wanted(path.name) or is_archive(path.name)
    return Entry(name, Disk(path.parent), [Piece(path.name, path.name if wanted else f"{path.name}.py")])


def _unclaimed(box: Box, entries: Sequence[Entry]) -> list[Entry]:
    """An entry for each refused member of an archive that is no student's."""
    for entry in entries:
        for piece in entry.pieces:
            box.refusal(piece.path)
    rest = sorted(box.refused.keys() - box.claimed)
    told = [Entry(tidy(shown(name)), box, [], problem=box.refused[name]) for name in rest[:MAX_REFUSED]]
    return list({e.id: e for e in told}.values())


def hash_of(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of files with their names, in hexadecimal."""
    import hashlib  # slow to import, and not needed where a student checks one file

    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0".encode("utf-8", "surrogateescape") + text)
    return digest.hexdigest()


def _unreadable(entry: Entry, got: Gathered, problem: str) -> Submission:
    remarks = [*entry.remarks, *got.remarks]
    return Submission(
        entry.id,
        got.files,
        None,
        hash_of(got.files),
        problem,
        remarks=remarks,
        origin=entry.origin,
        members=list(entry.members),
    )
