"""The README's examples, run as written from a fresh copy of the course."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```console\n(.*?)```", README, re.DOTALL))
NOT_ATTEMPTED = {"student", "ci"}
"""The examples run on a stub: they end with exit code 1, as the README says."""


@pytest.fixture
def course(tmp_path):
    for name in ("assignments", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_the_readme_opens_with_the_two_commands():
    assert README.index("make demo") < README.index("make test") < README.index("## A student")


@pytest.mark.parametrize("name", ["student", "instructor", "ci", "begin", "author"])
def test_an_example_runs_as_written(name, course):
    folder = course
    block = EXAMPLES[name]
    shown = [line for line in block.splitlines() if not line.startswith("$ ")]
    for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        if line.startswith("cd "):
            folder = folder / line[3:]
            continue
        done = run(line, folder)
        assert done.returncode == (1 if name in NOT_ATTEMPTED else 0), (line, done.stdout, done.stderr)
    if any(shown):
        assert "\n".join(shown).strip() == done.stdout.strip()
    if name == "instructor":
        assert {"grades.json", "grades.csv", "run.json", "students"} <= {
            p.name for p in (course / "build" / "report").iterdir()
        }
