"""Wheel and sdist hold grader/ only: no path and no line of solutions/."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOLUTION = ("# BEGIN SOLUTION", "# END SOLUTION")


def solution_lines() -> set[str]:
    """Lines between the markers of every reference, long enough to be somebody's own."""
    lines: set[str] = set()
    for path in (ROOT / "solutions").glob("*/*.py"):
        inside = False
        for line in path.read_text("utf-8").splitlines():
            text = line.strip()
            if text.startswith(SOLUTION):
                inside = text.startswith(SOLUTION[0])
            elif inside and len(text) > 20:
                lines.add(text)
    return lines


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Member name → text, of the wheel and of the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        first = {n: opened.read(n).decode("utf-8", "replace") for n in opened.namelist()}
    with tarfile.open(sdist) as tar:
        members = [m for m in tar.getmembers() if m.isfile()]
        second = {m.name: tar.extractfile(m).read().decode("utf-8", "replace") for m in members}
    return {"wheel": first, "sdist": second}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_archive_holds_the_package_and_nothing_of_the_course(archives, kind):
    names = archives[kind]
    assert any(name.endswith("grader/cli.py") for name in names)
    for name in names:
        parts = Path(name).parts
        assert not {"solutions", "assignments", "tests"} & set(parts), name
    text = "\n".join(body for name, body in names.items() if name.endswith(".py"))
    lines = solution_lines()
    assert len(lines) >= 10, "there are solutions to look for"
    packaged = {line.strip() for line in text.splitlines()}
    assert not lines & packaged


def test_every_module_is_in_the_wheel(archives):
    expected = {str(p.relative_to(ROOT)) for p in (ROOT / "grader").rglob("*.py")}
    tracked = subprocess.run(["git", "ls-files", "grader"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert expected & set(tracked.stdout.split()) <= set(archives["wheel"])


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_every_pattern_of_a_new_course_is_in_an_archive(archives, kind):
    listed = subprocess.run(
        ["git", "ls-files", "grader/authoring/skeleton"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(listed) > 5
    missing = [path for path in listed if not any(name.endswith(path) for name in archives[kind])]
    assert missing == []


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_pages_are_made_of_is_shipped(archives, kind):
    names = {Path(name).name for name in archives[kind] if "templates/" in name}
    assert {p.name for p in (ROOT / "grader" / "reports" / "templates").iterdir()} == names
