"""pytest in a released folder: a test for each visible case, and nothing in any other folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "assignments" / "affine", tmp_path / "affine")
    return tmp_path / "affine"


OTHERS = [word for name in ("hypothesispytest", "xdist", "xdist.looponfail") for word in ("-p", f"no:{name}")]
"""Plugins of the tests' own environment: a student has none of them, and each pytest would import them."""


def run(folder, *words):
    """pytest as a student runs it, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *OTHERS, "-W", "error", *words],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}, capture_output=True, text=True,
        encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip


def do(folder, name, body):
    file = folder / "layers.py"
    text = file.read_text("utf-8")
    begin = text.index("    # your code here", text.index(f"def {name}("))
    file.write_text(text[:begin] + body + text[text.index("\n", begin) :], "utf-8")


def test_each_visible_case_is_a_test_with_the_exercises_own_message(folder):
    do(folder, "dL_dX", "    grad = dL_dY @ w")
    do(folder, "dL_db", "    grad = dL_dY.sum(axis=0)")
    (folder / "test_mine.py").write_text("def test_mine():\n    assert True\n", "utf-8")
    done = run(folder, "-q", "-rA")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PASSED layers.py::dL_db[two_by_two]" in done.stdout
    assert "PASSED test_mine.py::test_mine" in done.stdout
    assert "FAILED layers.py::dL_dX[rows]" in done.stdout
    assert "✗ dL_dX  The gradient of the input\n\n  grad: w is not transposed.\n" in done.stdout
    assert "    layers.py:209 in dL_dX\n        grad = dL_dY @ w\n" in done.stdout
    assert "Traceback" not in done.stdout and "pytest_plugin" not in done.stdout
    assert "  not attempted yet: layers.py, line 13\n" in done.stdout


def test_a_case_speaks_one_language(folder, monkeypatch):
    monkeypatch.setenv("GRADER_LANGUAGE", "de")
    do(folder, "dL_dX", "    grad = dL_dY @ w.U")
    shown = run(folder, "-q", "layers.py::dL_dX[rows]").stdout
    for sentence in (
        "Ein Tipp: grader check --hint",
        "  Fall rows: ",
        "löste AttributeError aus",
        "deine eigenen Zeilen",
    ):
        assert sentence in shown
    assert "A hint" not in shown and "your own lines" not in shown


def test_a_test_can_be_named_and_its_place_is_the_function(folder):
    do(folder, "dL_db", "    grad = dL_dY.sum(axis=0)")
    listed = run(folder, "--collect-only", "-q").stdout.splitlines()
    assert "layers.py::dL_db[two_by_two]" in listed and "layers.py::dL_db[rows]" in listed
    assert not any("ipynb" in line for line in listed)
    named = run(folder, "-q", "layers.py::dL_db", "layers.py::dL_db[rows]")
    assert named.returncode == 0 and "2 passed" in named.stdout
    code = (
        "import pytest\n"
        "class Places:\n"
        "    def pytest_collection_modifyitems(self, items):\n"
        "        print([(i.path.name, i.location[1]) for i in items if i.name == 'dL_db[rows]'])\n"
        "pytest.main(['--collect-only', '-q', '-p', 'no:cacheprovider'], plugins=[Places()])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    line = (folder / "layers.py").read_text("utf-8").splitlines().index("def dL_db(dL_dY):")
    assert f"[('layers.py', {line})]" in done.stdout


def test_a_file_that_is_no_python_keeps_its_tests_and_is_not_imported(folder):
    do(folder, "dL_dX", "    grad = (dL_dY @ w")
    done = run(folder, "-q", "layers.py")
    assert done.returncode == 1
    assert "layers.py:209: '(' was never closed" in done.stdout
    assert "error" not in done.stdout.splitlines()[-1]


def test_broken_examples_are_told(folder):
    path = folder / "examples.json"
    path.write_text(path.read_text("utf-8")[:2000], "utf-8")
    done = run(folder, "-q")
    assert done.returncode == 2
    assert "expected the examples that came with the assignment, but" in done.stdout
    assert "Traceback" not in done.stdout


def test_no_other_folder_is_touched(tmp_path):
    (tmp_path / "examples.json").write_text('{"schema": "somebody-elses/v1", "file": "layers.py"}', "utf-8")
    (tmp_path / "layers.py").write_text("raise SystemExit('imported')\n", "utf-8")
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    assert True\n", "utf-8")
    done = run(tmp_path, "-q")
    assert done.returncode == 0 and "1 passed" in done.stdout


def test_loading_the_plugin_imports_nothing_heavy():
    code = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import grader.student.pytest_plugin\n"
        "print(sorted(m for m in set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['grader', 'grader.student', 'grader.student.pytest_plugin']\n"
