"""Gradescope's autograder zip: the two scripts that it runs, the answer key, and the grader with what it needs.

Source: Gradescope's documentation of autograders.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.exports.wheels import EXECUTABLE, REGULAR, zipped

SCRIPTS = Path(__file__).parent / "scripts"
KEY = "assignment.key"


def autograder_zip(key: bytes, pins: list[str], wheels: Mapping[str, bytes]) -> bytes:
    """The zip; the same parts give the same bytes.

    Parameters
    ----------
    key : the answer key as `grader key` writes it.
    pins : lines of requirements.txt besides the grader's own.
    wheels : name → wheel; the grader's own among them.
    """
    own = [name for name in wheels if name.startswith("nabla_grader-")]
    lines = [f"nabla-grader=={name.split('-')[1]}" for name in own] + pins
    files = {name: ((SCRIPTS / name).read_bytes(), EXECUTABLE) for name in ("setup.sh", "run_autograder")}
    files[KEY] = (key, REGULAR)
    files["requirements.txt"] = ("\n".join([*lines, ""]).encode(), REGULAR)
    files |= {f"wheels/{name}": (data, REGULAR) for name, data in wheels.items()}
    return zipped(files)
