"""How Slurm starts workers, from the course's pyproject.toml.

[tool.grader.slurm]
jobs = 4                                # jobs that Slurm starts; the one required besides cores and memory
cores = 16                              # of each job: so many workers grade in it
memory = "32 GB"                        # of each job
queue = "short"                         # Slurm's partition
account = "cs101"
walltime = "02:00:00"
directives = ["--constraint=avx2"]      # further lines of #SBATCH
prologue = ["module load python/3.12"]  # lines of the shell before a worker starts
python = "/home/course/.venv/bin/python"
interface = "ib0"                       # the network that workers and this run share
folder = "/scratch/course"              # seen by all nodes: certificates and logs; the course's folder without it
"""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import UsageError

WALLTIME = re.compile(r"\d+(?:-\d+(?::\d+){0,2}|(?::\d+){0,2})")
MEMORY = re.compile(r"\d+(?:\.\d+)? ?[KMGT]i?B")


class Slurm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings, as the module's docstring tells them."""

    jobs: int
    cores: int
    memory: str
    queue: str | None = None
    account: str | None = None
    walltime: str | None = None
    directives: list[str] = []
    prologue: list[str] = []
    python: str | None = None
    interface: str | None = None
    folder: str | None = None


def read_slurm(course: Path) -> Slurm:
    """The settings of a course.

    Raises
    ------
    UsageError : there are none, one is wrong, or this machine has no Slurm; names the table and the setting.
    """
    path = course / "pyproject.toml"
    where = f"{path}: [tool.grader.slurm]"
    table = _table(path)
    if table is None:
        raise UsageError(f"{where}: expected jobs, cores and memory, as in docs/scale.md; there is no such table")
    try:
        settings = msgspec.convert(table, Slurm)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {_plainly(error)}") from None
    for name in ("jobs", "cores"):
        if getattr(settings, name) < 1:
            raise UsageError(f"{where}: {name}: expected 1 or more, got {getattr(settings, name)}")
    if not MEMORY.fullmatch(settings.memory):
        raise UsageError(f"{where}: memory: expected a size such as '32 GB', got {settings.memory!r}")
    if settings.walltime is not None and not WALLTIME.fullmatch(settings.walltime):
        raise UsageError(f"{where}: walltime: expected a time such as '02:00:00', got {settings.walltime!r}")
    for name in ("directives", "prologue"):
        if any("\n" in line for line in getattr(settings, name)):
            raise UsageError(f"{where}: {name}: expected one line in each text")
    if shutil.which("sbatch") is None:
        raise UsageError("--executor slurm: this machine has no sbatch; run it where Slurm takes jobs, or use --shard")
    return settings


def _table(path: Path) -> Any:
    try:
        whole = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: the course's settings cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UsageError(f"{path}: expected TOML, but {error}; mend the line") from None
    grader = whole.get("tool", {}).get("grader", {})
    return grader.get("slurm") if isinstance(grader, dict) else None


def _plainly(error: msgspec.ValidationError) -> str:
    """msgspec's sentence with the setting's name first: "cores: expected int, got str"."""
    text = str(error)
    if found := re.fullmatch(r"Expected `(.+)`, got `(.+)` - at `\$\.?(.*)`", text):
        return f"{found[3]}: expected {found[1]}, got {found[2]}"
    if found := re.fullmatch(r"Object (missing required|contains unknown) field `(\w+)`.*", text):
        known = ", ".join(Slurm.__struct_fields__)
        return f"{found[2]}: is missing" if found[1] == "missing required" else f"{found[2]}: expected one of {known}"
    return text
