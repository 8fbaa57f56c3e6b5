"""The grader and what it needs, as pip takes them: its own wheel, and its requirements as they are installed here."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from grader.errors import UsageError

DISTRIBUTION = "nabla-grader"
PYTHONS = ("3.11", "3.12")
"""For what Ubuntu 22.04 and 24.04 have; where it is another one, pip finds its wheels in the index."""
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
WHEN = (1980, 1, 1, 0, 0, 0)
REGULAR, EXECUTABLE = 0o100644, 0o100755
UNIX = 3
WHEEL = "Wheel-Version: 1.0\nGenerator: nabla-grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def zipped(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """Name → (bytes, mode) as a zip that is the same on every machine: sorted, dated 1980, nothing compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            data, mode = files[name]
            entry = zipfile.ZipInfo(name, WHEN)
            entry.create_system = UNIX
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
    return out.getvalue()


def own_wheel() -> tuple[str, bytes]:
    """The installed grader as a wheel: its name and its bytes; the same files give the same wheel.

    Raises
    ------
    UsageError : the grader is not installed, so that nothing tells what it needs.
    """
    own = _installed()
    package = Path(__file__).resolve().parent.parent
    info = f"{DISTRIBUTION.replace('-', '_')}-{own.version}.dist-info"
    files = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    files[f"{info}/METADATA"] = (own.read_text("METADATA") or own.read_text("PKG-INFO") or "").encode()
    files[f"{info}/entry_points.txt"] = (own.read_text("entry_points.txt") or "").encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    return f"{info.removesuffix('.dist-info')}-py3-none-any.whl", zipped({n: (d, REGULAR) for n, d in files.items()})


def requirements() -> list[str]:
    """The grader's requirements, and theirs, in the versions that are installed here; sorted.

    One that only Linux needs, and that is not installed here, stays as it is asked for.
    """
    pinned: dict[str, str] = {}
    waiting = list(_installed().requires or [])
    while waiting:
        text = waiting.pop()
        asked, _semicolon, marker = (part.strip() for part in text.partition(";"))
        found = NAME.match(asked)
        if found is None or "extra" in marker or (name := found[0].lower().replace("_", "-")) in pinned:
            continue
        try:
            known = distribution(name)
        except PackageNotFoundError:
            if "linux" in marker:
                pinned[name] = asked
            continue
        pinned[name] = f"{name}=={known.version}"
        waiting += known.requires or []
    return sorted(pinned.values())


def downloaded(pins: list[str], folder: Path) -> None:
    """Fetch the wheels of some requirements into a folder, for the Pythons and platforms of Gradescope's images.

    Raises
    ------
    UsageError : pip could not fetch them.
    """
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    for version in PYTHONS:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", "--python-version", version, *platforms, "--dest", str(folder), *pins]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or "pip gave no reason").splitlines()[-1]
            raise UsageError(
                f"export: the wheels for Python {version} cannot be fetched ({last}); name a folder that holds them "
                "with --wheels, or an empty one, and they are fetched when Gradescope builds"
            )


def wheels_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every wheel in a folder.

    Raises
    ------
    UsageError : it is no folder.
    """
    if not folder.is_dir():
        raise UsageError(f"--wheels {folder}: expected a folder of wheels")
    for path in sorted(folder.glob("*.whl")):
        yield path.name, path.read_bytes()


def _installed() -> Distribution:
    try:
        return distribution(DISTRIBUTION)
    except PackageNotFoundError:
        raise UsageError(f"export: expected {DISTRIBUTION} to be installed; install it with pip first") from None


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
