"""Gradescope's autograder zip, unpacked in Gradescope's layout and run there, as root where the tests are root's."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.keyfile import dump_key, proof_hash
from tests.validators import valid_json

SOAK = os.environ.get("GRADER_SOAK")


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture(scope="module")
def parts(course_in, tmp_path_factory):
    """A folder with a proven key of a small course, and an empty folder for wheels."""
    folder = tmp_path_factory.mktemp("autograder")
    key = course_in(folder / "course").key()
    (folder / "small.key").write_bytes(dump_key(msgspec.structs.replace(key, proof=proof_hash(key))))
    (folder / "bare.key").write_bytes(dump_key(key))
    (folder / "wheels").mkdir()
    return folder


@pytest.fixture(scope="module")
def archive(parts):
    done = run(
        "export", "gradescope", "--zip", parts / "a.zip", "--key", parts / "small.key", "--wheels", parts / "wheels"
    )
    assert done.exit_code == 0, done.output
    told = f"{parts / 'a.zip'}: small for Gradescope, 1 wheels; it holds every answer, keep it from students\n"
    assert done.stdout == told
    return parts / "a.zip"


@pytest.fixture
def layout(archive, tmp_path):
    """A folder as Gradescope lays it out, with the grader of the tests in place of the one setup.sh installs."""
    root = tmp_path / "autograder"
    for name in ("source", "submission", "results", "venv/bin"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            opened.extract(member, root / "source")
            (root / "source" / member.filename).chmod(member.external_attr >> 16)
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "venv" / "bin" / "grader").symlink_to(Path(sys.executable).parent / "grader")
    return root


def graded(root, code=0):
    """The results.json that run_autograder leaves, and what it told the instructor."""
    done = subprocess.run(
        [str(root / "run_autograder")],
        env={"PATH": os.environ["PATH"], "GRADER_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == code, done.stderr
    return valid_json("gradescope.json", (root / "results" / "results.json").read_text("utf-8")), done.stderr


def test_the_scripts_lie_at_the_top_may_be_run_and_have_unix_lines(archive):
    with zipfile.ZipFile(archive) as opened:
        members = {m.filename: m for m in opened.infolist()}
        for name in ("setup.sh", "run_autograder"):
            text = opened.read(name)
            assert stat.S_IMODE(members[name].external_attr >> 16) == 0o755
            assert members[name].create_system == 3
            assert text.startswith(b"#!/usr/bin/env bash\n") and b"\r" not in text
            subprocess.run(["bash", "-n"], input=text, check=True)
        assert opened.read("requirements.txt").startswith(b"nabla-grader==")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [name for name in members if name.startswith("wheels/nabla_grader-")]


def test_the_same_key_gives_the_same_bytes(parts, archive):
    run("export", "gradescope", "--zip", parts / "b.zip", "--key", parts / "small.key", "--wheels", parts / "wheels")
    assert (parts / "b.zip").read_bytes() == archive.read_bytes()


def test_a_right_answer_gets_full_marks_in_gradescopes_layout(layout):
    (layout / "submission" / "work.py").write_text("def double(x):\n    return x + x\n", "utf-8")
    told, said = graded(layout)
    assert (told["score"], [t["name"] for t in told["tests"]]) == (2.0, ["double: visible cases", "double"])
    assert "confined at tier 1" in said
    assert sorted(p.name for p in layout.iterdir()) == ["results", "run_autograder", "source", "submission", "venv"]


HOSTILE = """import os
from pathlib import Path

ROOT = Path({root!r})
try:
    (ROOT / "results" / "results.json").write_text('{{"score": 2}}')
except OSError:
    pass
try:
    KEY = (ROOT / "source" / "assignment.key").read_bytes()
except OSError:
    KEY = b""


def double(x):
    return [len(KEY), 2 if os.getuid() == {user} else -99]
"""


def test_a_submission_reads_no_key_writes_no_result_and_is_nobody(layout):
    nobody = 65534 if os.getuid() == 0 else os.getuid()
    (layout / "submission" / "work.py").write_text(HOSTILE.format(root=str(layout), user=nobody), "utf-8")
    told, _said = graded(layout)
    assert told["score"] == 0.0
    assert told["tests"][0]["output"] == "y: 1 of 2 entries differ; the farthest off is at [0]: expected 2, got 0"


@pytest.mark.parametrize("files", [{}, {"a.py": "def double(\n", "b.txt": "y"}])
def test_whatever_is_handed_in_is_one_students_work(layout, files):
    for name, text in files.items():
        (layout / "submission" / name).write_text(text, "utf-8")
    told, _said = graded(layout)
    assert told["score"] == 0.0
    assert told["output"] != "The grader could not run. Your teacher has been told."


def test_a_link_to_the_key_is_not_followed(layout):
    (layout / "submission" / "work.py").symlink_to("../source/assignment.key")
    told, _said = graded(layout)
    assert told["score"] == 0.0


def test_a_grader_that_cannot_run_leaves_a_valid_result(layout):
    (layout / "source" / "assignment.key").write_bytes(b"no key")
    told, said = graded(layout, code=2)
    assert told == {"score": 0, "output": "The grader could not run. Your teacher has been told.", "tests": []}
    assert "expected an answer key" in said


def refused(*words):
    done = run("export", *words)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    return done.stderr.strip()


def test_bad_words_are_told(parts):
    usage = "grader: export: expected 'grader export gradescope --zip FILE --key KEY' for an autograder"
    assert refused("gradescope", "--zip", "a.zip") == usage
    assert refused("canvas", "--zip", "a.zip", "--key", parts / "small.key") == usage
    assert refused("gradescope", "report", "--zip", "a.zip", "--key", parts / "small.key") == usage
    assert refused("gradescope", "-o", "x") == (
        "grader: export gradescope: expected the report folder, as in 'grader export gradescope report'"
    )
    assert "carries no proof" in refused("gradescope", "--zip", "a.zip", "--key", parts / "bare.key")
    assert refused(
        "gradescope", "--zip", "/proc/x/a.zip", "--key", parts / "small.key", "--wheels", parts / "wheels"
    ) == ("grader: /proc/x/a.zip: cannot be written (No such file or directory); name another file")


@pytest.mark.skipif(not SOAK, reason="a minute, and a package index; GRADER_SOAK=1 runs it")
@pytest.mark.soak
def test_setup_installs_the_grader_from_its_wheels_alone(parts, layout):
    done = run("export", "gradescope", "--zip", parts / "whole.zip", "--key", parts / "small.key")
    assert done.exit_code == 0, done.output
    shutil.rmtree(layout / "venv")
    with zipfile.ZipFile(parts / "whole.zip") as opened:
        opened.extractall(layout / "source")
    environment = {
        "PATH": os.environ["PATH"],
        "GRADER_ROOT": str(layout),
        "GRADER_PYTHON": sys.executable,
        "PIP_NO_INDEX": "1",
    }
    subprocess.run(["bash", str(layout / "source" / "setup.sh")], env=environment, check=True, capture_output=True)
    assert stat.S_IMODE((layout / "source").stat().st_mode) & 0o077 == 0
    (layout / "submission" / "work.py").write_text("def double(x):\n    return x + x\n", "utf-8")
    assert graded(layout)[0]["score"] == 2.0
    json.loads((layout / "results" / "results.json").read_text("utf-8"))
