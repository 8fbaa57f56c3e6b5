"""`grader check` where nothing can be forked: on a spawned process, as on macOS and Windows; forced here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = ["-e", "relu_forward", "-e", "relu_backward"]


@pytest.fixture
def folder(tmp_path):
    """The stub folder of an assignment."""
    shutil.copytree(ROOT / "assignments" / "activations", tmp_path / "activations")
    return tmp_path / "activations"


def check(folder, *words, spawn=True):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"GRADER_SPAWN": "1"} if spawn else {})
    command = [sys.executable, "-m", "grader", "check", str(folder), *EXERCISES, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def solve(folder, old="", new=""):
    source = (ROOT / "solutions" / "activations" / "activations.py").read_text("utf-8")
    assert old in source
    (folder / "activations.py").write_text(source.replace(old, new), "utf-8")


def test_right_work_passes(folder):
    solve(folder)
    done = check(folder)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_stub_is_not_attempted(folder):
    done = check(folder)
    assert (1, True) == (done.returncode, "not attempted yet" in done.stdout), done.stdout + done.stderr


def test_a_report_is_the_same_byte_by_byte_as_that_of_a_forked_process(folder):
    solve(folder, "np.maximum(x, 0)", "print('at', x.shape) or x")
    spawned, forked = check(folder, "--format", "json"), check(folder, "--format", "json", spawn=False)
    assert (1, 1) == (spawned.returncode, forked.returncode)
    assert forked.stdout == spawned.stdout


def test_a_file_that_ends_the_program_costs_nobody_the_report(folder):
    solve(folder, "np.maximum(x, 0)", "__import__('os')._exit(0)")
    done = check(folder)
    assert 1 == done.returncode
    assert "ended the whole program (exit code 0)" in done.stdout
