"""Folders and files on disk → Submissions. Nothing here raises for one student's bad file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.intake.notebook import NotebookError, source_of
from grader.model import Submission

MAX_FILE = 20 << 20
MAX_FILES = 200
SUFFIXES = (".py", ".ipynb")


def submissions(paths: Sequence[Path], file: str) -> Iterator[Submission]:
    """The submissions at `paths`: one PATH may be a student's file or folder, or a class's folder.

    A folder that holds the stub by its exact name `file`, or exactly one notebook and no other
    entry, is one submission; any other folder is a class with one entry per student. Several
    paths are one class.

    Raises
    ------
    UsageError : a path does not exist, a folder holds nothing, or two students have one id.
    """
    entries = [entry for path in paths for entry in _entries(path, file)]
    seen: dict[str, Path] = {}
    for entry in entries:
        name = student_id(entry)
        if name in seen:
            raise UsageError(
                f"{entry}: expected one submission per student, but {seen[name]} is {name}'s too; keep one"
            )
        seen[name] = entry
    for name, entry in sorted(seen.items()):
        if entry.is_symlink() and entry not in paths:
            yield _unreadable(name, {}, f"{entry.name}: is a link, which is not followed; hand in the file itself")
        else:
            yield read_submission(entry, file, name)


def expected_count(paths: Sequence[Path]) -> int | None:
    """About how many submissions there are, for a progress bar; None where that is not known ahead."""
    try:
        return sum(len(list(path.iterdir())) if path.is_dir() else 1 for path in paths)
    except OSError:
        return None


def with_earlier(submission: Submission, folder: Path, files: Sequence[str]) -> Submission:
    """The submission with files that it lacks taken from the student's earlier one in `folder`.

    Parameters
    ----------
    folder : a class's folder; the student's entry is found by the same id.
    files : the names of the earlier assignments' files.
    """
    found: dict[str, bytes] = {}
    for entry in (folder / submission.id, folder / f"{submission.id}.py"):
        if submission.problem is not None or entry.is_symlink() or not entry.exists():
            continue
        with contextlib.suppress(OSError, ValueError):  # what cannot be read is not there
            earlier = _files(entry)
            found |= {name: text for name, text in earlier.items() if name in files}
            if entry.is_file() and len(files) == 1:
                found |= dict.fromkeys(files, earlier[entry.name])
    lacking = {name: text for name, text in found.items() if name not in submission.files}
    if not lacking:
        return submission
    whole = {**lacking, **submission.files}
    return msgspec.structs.replace(submission, files=whole, sha256=_hash(whole))


def student_id(entry: Path) -> str:
    """The folder's name, or the file's without its suffix."""
    return _as_text(entry.resolve().name if entry.is_dir() else entry.stem)


def read_submission(entry: Path, file: str, name: str, *, hashed: bool = True) -> Submission:
    """One student's file or folder; what cannot be read ends as a Submission with a problem.

    Parameters
    ----------
    file : the stub's name, under which the functions are graded.
    hashed : whether to hash the files; a student's own check has no use for it.
    """
    try:
        files = _files(entry)
    except OSError as error:
        return _unreadable(name, {}, f"{entry.name}: cannot be read ({error.strerror or error})")
    except ValueError as error:
        return _unreadable(name, {}, f"{entry.name}: {error}")
    main = _main(files, file)
    if main is None:
        found = ", ".join(sorted(files)) or "nothing"
        return _unreadable(name, files, f"{entry.name}: expected {file} or one notebook, found {found}")
    text, remarks = files[main], list[str]()
    if main.endswith(".ipynb"):
        try:
            text, remarks = source_of(text)
        except NotebookError as error:
            return _unreadable(name, files, f"{main}: {error}")
    read = {k: v for k, v in files.items() if k.endswith(".py") and k != main} | {file: text}
    return Submission(name, read, file, _hash(files) if hashed else "", remarks=remarks)


def _entries(path: Path, file: str) -> list[Path]:
    if not path.exists():
        raise UsageError(
            f"{path}: expected a student's file, a student's folder or a folder of a class; there is nothing"
        )
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: expected a student's file, a student's folder or a folder of a class; it is neither")
    inside = sorted(p for p in path.iterdir() if not p.name.startswith((".", "__")))
    if (path / file).is_file() or (len(inside) == 1 and inside[0].suffix == ".ipynb" and inside[0].is_file()):
        return [path]
    students = [p for p in inside if p.is_dir() or p.suffix in SUFFIXES]
    if not students:
        raise UsageError(f"{path}: expected one file or folder per student (or {file}); it holds no submission")
    return students


def _files(entry: Path) -> dict[str, bytes]:
    """Every .py and .ipynb of an entry by its name; of two with one name the one nearest to the top."""
    paths = [entry] if not entry.is_dir() else sorted(_walk(entry), key=lambda p: (len(p.parts), p))
    files: dict[str, bytes] = {}
    for path in paths[:MAX_FILES]:
        if path.is_symlink() or not path.is_file():
            continue
        if path.stat().st_size > MAX_FILE:
            raise ValueError(f"{path.name} is larger than {MAX_FILE >> 20} MiB")
        files.setdefault(_as_text(path.name), path.read_bytes())
    return files


def _as_text(name: str) -> str:
    """A name that can be written down: one whose bytes are no UTF-8 shows them as \\udcff."""
    return name.encode("utf-8", "backslashreplace").decode()


def _walk(folder: Path) -> list[Path]:
    """Python files and notebooks of a folder; links, hidden folders and what machines leave are passed over."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")) or path.is_symlink():
            continue
        if path.is_dir():
            found += _walk(path)
        elif path.suffix in SUFFIXES:
            found.append(path)
    return found


def _main(files: dict[str, bytes], file: str) -> str | None:
    """The stub's own name, else the only Python file, else the notebook of the stub's name or the only one."""
    if file in files:
        return file
    for suffix in SUFFIXES:
        own = [name for name in files if name.endswith(suffix)]
        if len(own) == 1:
            return own[0]
    notebook = f"{Path(file).stem}.ipynb"
    return notebook if notebook in files else None


def _hash(files: dict[str, bytes]) -> str:
    import hashlib  # slow to import, and not needed where a student checks one file

    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0".encode("utf-8", "surrogateescape") + text)
    return digest.hexdigest()


def _unreadable(name: str, files: dict[str, bytes], problem: str) -> Submission:
    return Submission(name, files, None, _hash(files), problem)
