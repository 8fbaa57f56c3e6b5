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
    """All that goes out, by path: a folder per assignment, and the set-up beside them.

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
    words = {
        "title": assignments[0].assignment.title if len(assignments) == 1 else "Exercises",
        "version": __version__,
        "commands": "\n".join(f"grader check {name}" for name in names),
        "table": "\n".join(f"| `{a.name}/` | {a.assignment.title}; begin with its README.md |" for a in assignments),
        "steps": steps,
        "jobs": jobs,
    }
    own = {f"{name}/{file}": data for name in names for file, data in files[name].items()}
    return pattern("student", words) | own


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
