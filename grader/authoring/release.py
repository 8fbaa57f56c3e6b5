"""solutions/<name>/ → assignments/<name>/: what a student gets, generated and never edited by hand."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from grader.authoring.course import Authored, relative
from grader.authoring.key import PUBLIC_SEED, build_key, case_inputs
from grader.authoring.splice import with_value
from grader.authoring.stub import NBGRADER_BEGIN, stub_source
from grader.errors import AuthorError, UsageError
from grader.keyfile import dump_examples
from grader.texts import say, speaking
from grader.values import safe_name, variant_of

DEFINED = re.compile(r"^(?:def|class) (?P<name>\w+)", re.MULTILINE)
EXAMPLES, README = "examples.json", "README.md"


def handed_out(authored: Authored, course: Path) -> dict[str, bytes]:
    """The two files that a student works in, as they are handed out: the stub and its notebook, by name."""
    file = authored.assignment.file
    where = relative(authored.folder / file, course)
    book = notebook(stub_source(authored.source, where, marked=True), authored)
    return {
        file: stub_source(authored.source, where).encode("utf-8"),
        f"{Path(file).stem}.ipynb": book.encode("utf-8"),
    }


class HandedOut(Mapping[str, bytes]):
    """The files of `handed_out` by name; the notebook, which takes long, is made when a file is asked for.

    Raises
    ------
    AuthorError : a marker in the solution without its partner.
    """

    def __init__(self, authored: Authored, course: Path) -> None:
        text = stub_source(authored.source, relative(authored.folder / authored.assignment.file, course), marked=True)
        told = f"{authored.language}\0{authored.assignment.title}\0{text}"
        self.mark = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
        self._make = partial(handed_out, authored, course)

    @cached_property
    def _files(self) -> dict[str, bytes]:
        return self._make()

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def released(authored: Authored, course: Path) -> dict[str, bytes]:
    """The files of assignments/<name>/ by name."""
    work = handed_out(authored, course)
    sums = {name: zlib.crc32(data) for name, data in work.items()}
    examples = dump_examples(msgspec.structs.replace(build_key(authored, None), handed_out=sums))
    texts = {README: authored.handout.encode("utf-8"), EXAMPLES: examples.encode("utf-8")}
    extra = {name: _bytes(authored.folder / name, course) for name in authored.assignment.data}
    return texts | work | extra


def current(authored: Authored, course: Path) -> dict[str, bytes]:
    """The files of assignments/<name>/ by name; examples.json as it is where only last bits would change."""
    path = course / "assignments" / authored.name / EXAMPLES
    files = released(authored, course)
    if path.is_file() and _same(old := path.read_bytes(), files[EXAMPLES], EXAMPLES):
        files[EXAMPLES] = old
    return files


def write_files(name: str, course: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write assignments/<name>/; the paths written.

    Raises
    ------
    UsageError : the folder cannot be written.
    """
    folder = course / "assignments" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in files.items():
            (folder / file).write_bytes(data)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror})") from None
    return [folder / file for file in files]


def write_variants(authored: Authored, course: Path, students: Sequence[str]) -> list[Path]:
    """Write each student's own stub, with the numbers of their variant; the paths written.

    The inputs of a variant's case stand in the stub as NAME_variant; no expected value is written.

    Raises
    ------
    UsageError : the assignment has no variants.
    """
    own = [e for e in authored.assignment.exercises if e.variants]
    if not own:
        raise UsageError(f"{authored.name}: expected an assignment with variants; leave out --roster")
    file = authored.assignment.file
    stub = stub_source(authored.source, relative(authored.folder / file, course))
    written = []
    for student in students:
        variant = variant_of(student, own[0].variants)
        text = stub
        for name, value in case_inputs(authored, own[0].hidden[0], PUBLIC_SEED, f"variant {variant}").items():
            text = with_value(text, f"{name}_variant", repr(_shortest(value)))
        path = course / "assignments" / authored.name / "students" / safe_name(student) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return written


def _shortest(value: Any) -> Any:
    """An array as nested lists, whole numbers without a point."""
    array = np.asarray(value)
    return (array.astype(int) if np.array_equal(array, np.rint(array)) else array).tolist()


def differences(authored: Authored, course: Path) -> list[str]:
    """One line per file of assignments/<name>/ that is not what `release` would write.

    Numbers of examples.json may differ within the tolerances: the last bits of a matrix product
    differ between processors.
    """
    folder = course / "assignments" / authored.name
    told = []
    for name, data in released(authored, course).items():
        path = folder / name
        shown = relative(path, course)
        if not path.is_file():
            told.append(f"{shown}: is missing; run 'grader release {authored.name}'")
        elif not _same(path.read_bytes(), data, name):
            told.append(
                f"{shown}: differs from what solutions/{authored.name} gives; run 'grader release {authored.name}'"
            )
    return told


def _same(old: bytes, new: bytes, name: str) -> bool:
    if name != EXAMPLES or old == new:
        return old == new
    number = re.compile(rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
    if number.sub(b"0", old) != number.sub(b"0", new):
        return False
    pairs = zip(number.findall(old), number.findall(new), strict=True)
    return all(abs(float(a) - float(b)) <= 1e-9 * max(1.0, abs(float(a))) for a, b in pairs)


def notebook(stub: str, authored: Authored) -> str:
    """The stub as a notebook: a cell for what stands above, one per function. Ids are fixed.

    Each cell bears nbgrader's metadata, so that a course on nbgrader can take it as it is, and so that
    a cell that a student deletes or copies can be told. A cell with something left to do is an
    answer; any other is locked.

    Parameters
    ----------
    stub : with nbgrader's marks.
    """
    import nbformat
    from nbformat import v4 as typed_v4

    v4: Any = typed_v4  # nbformat has no types
    with speaking(authored.language):
        title = f"# {authored.said_title}\n\n{say('release.handout')}"
    cells = [v4.new_markdown_cell(title, id="title", metadata=nbgrader_metadata(title, "markdown", "title", False))]
    used = {"title"}
    for number, part in enumerate(_parts(stub)):
        name = grade_id(part, number, used)
        used.add(name)
        metadata = nbgrader_metadata(part, "code", name, NBGRADER_BEGIN in part)
        cells.append(v4.new_code_cell(part, id=f"code-{number}", metadata=metadata))
    language = {"name": "python"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": language})
    nbformat.validate(book)
    return str(v4.writes_json(book)) + "\n"


def grade_id(part: str, number: int, used: Set[str]) -> str:
    """nbgrader's name for a cell: its function's, of the letters that nbgrader takes, and no other cell's."""
    found = DEFINED.search(part)
    name = found["name"] if found is not None and found["name"].isascii() else f"cell-{number}"
    return f"{name}-{number}" if name in used else name


def nbgrader_metadata(source: str, cell_type: str, name: str, solution: bool) -> dict[str, Any]:
    """A cell's metadata in nbgrader's schema 3: an answer that a student writes, or text that stays as it is.

    Tests and points are in the key and not in the notebook, so no cell is graded by nbgrader itself.
    Source: nbgrader 0.9, nbgraderformat/v3 and utils.compute_checksum.
    """
    checksum = hashlib.md5(usedforsecurity=False)
    for part in (source, cell_type, str(False), str(solution), str(not solution), name):
        checksum.update(part.encode("utf-8"))
    own = {
        "cell_type": cell_type,
        "checksum": checksum.hexdigest(),
        "grade": False,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"deletable": False, "nbgrader": own} | ({} if solution else {"editable": False})


def _parts(stub: str) -> list[str]:
    """The text cut before every top-level `def` and `if`; blank lines at the ends dropped."""
    parts: list[list[str]] = [[]]
    for line in stub.splitlines():
        if line.startswith(("def ", "class ", "if __name__")):
            parts.append([])
        parts[-1].append(line)
    return [text for part in parts if (text := "\n".join(part).strip("\n"))]


def _bytes(path: Path, course: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuthorError(f"{relative(path, course)}: expected this file, but {error.strerror}; write it") from None
