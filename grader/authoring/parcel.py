"""What a student gets as one file: the released folders and a set-up for editor, CI and container.

The same course gives the same bytes on every machine: names sorted, no times, nothing compressed (what
a compressor writes depends on its version).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from grader import __version__
from grader.authoring.course import Authored
from grader.authoring.pattern import pattern
from grader.texts import LANGUAGES, say, speaking

EPOCH = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE = 0o100644 << 16
UNIX = 3
JOB = """check NAME:
  image: python:3.12
  script:
    - pip install -r requirements.txt
    - grader check NAME --format text --format junit=NAME.xml
  artifacts:
    when: always
    reports:
      junit: NAME.xml"""
"""An assignment's job in GitLab: its tests show in the merge request."""


def parcel(assignments: Sequence[Authored], files: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """All that goes out, by path: a folder per assignment, and the set-up beside them, in the course's language.

    Parameters
    ----------
    files : those of each assignment by its name, as released.
    """
    names = [a.name for a in assignments]
    steps = "\n".join(
        f"      - run: grader check {name} --format text --format github\n        if: ${{{{ !cancelled() }}}}"
        for name in names
    )
    jobs = "\n\n".join(JOB.replace("NAME", name) for name in names)
    with speaking(assignments[0].language):
        words = _words(assignments, steps, jobs)
    own = {f"{name}/{file}": data for name in names for file, data in files[name].items()}
    return _in_language(pattern("student", words), assignments[0].language) | own


def _words(assignments: Sequence[Authored], steps: str, jobs: str) -> dict[str, str]:
    """What stands in the places of the set-up's files."""
    return {
        "title": assignments[0].said_title if len(assignments) == 1 else say("page.exercises"),
        "version": __version__,
        "commands": "\n".join(f"grader check {a.name}" for a in assignments),
        "table": "\n".join(f"| `{a.name}/` | {say('release.begin', title=a.said_title)} |" for a in assignments),
        "steps": steps,
        "jobs": jobs,
    }


def _in_language(files: dict[str, bytes], language: str) -> dict[str, bytes]:
    """Of README.md and its like in other languages, README.de.md, the one that the course speaks, as README.md."""
    own = {name: files.pop(f"README.{name}.md") for name in LANGUAGES if f"README.{name}.md" in files}
    return files | ({"README.md": own[language]} if language in own else {})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = REGULAR_FILE
            archive.writestr(entry, files[name])
    return out.getvalue()
