"""The archive for students: the same bytes every time, a whole set-up, and no more than they may have."""

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from grader.authoring.course import load_assignment
from grader.authoring.parcel import zipped
from grader.cli import main

ROOT = Path(__file__).resolve().parent.parent
SETUP = {
    ".devcontainer/devcontainer.json",
    ".github/workflows/check.yml",
    ".gitignore",
    ".gitlab-ci.yml",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    "README.md",
    "requirements.txt",
}


@pytest.fixture
def small(course_in, tmp_path, monkeypatch):
    course = course_in(tmp_path / "course")
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "parcel")
    return course


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


def unpacked(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_student_gets_the_release_and_a_set_up(small):
    done = run("release", "small", "--zip", "small.zip")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "assignments/small/README.md",
        "assignments/small/examples.json",
        "assignments/small/work.py",
        "assignments/small/work.ipynb",
        "small.zip: what a student gets; they need 'pip install nabla-grader' and nothing else",
    ]
    files = unpacked("small.zip")
    released = {p.name: p.read_bytes() for p in Path("assignments/small").iterdir()}
    assert {f"small/{n}" for n in released} | SETUP == set(files)
    assert all(files[f"small/{name}"] == data for name, data in released.items())
    for name in files:
        assert "{{" not in files[name].decode().replace("${{ !cancelled() }}", ""), name
        if name.endswith(".json"):
            json.loads(files[name])
    (job,) = yaml.safe_load(files[".github/workflows/check.yml"])["jobs"].values()
    assert job["steps"][-1]["run"] == "grader check small --format text --format github"
    job = yaml.safe_load(files[".gitlab-ci.yml"])["check small"]
    assert job["script"][-1] == "grader check small --format text --format junit=small.xml"
    assert job["artifacts"]["reports"] == {"junit": "small.xml"}
    assert "| `small/` | Small; begin with its README.md |" in files["README.md"].decode()


def test_the_archive_is_the_same_to_the_byte(small):
    run("release", "--zip", "one.zip")
    for path in sorted(Path("assignments").rglob("*")):
        os.utime(path, (0, 0))
    (small.root / "assignments" / "small" / "of_my_own.txt").write_text("a note", "utf-8")
    run("release", "--zip", "two.zip")
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    files = {"b": b"2", "a": b"1"}
    assert zipped(files) == zipped(dict(reversed(files.items())))


def test_last_bits_of_another_processor_change_nothing(small):
    run("release", "--zip", "one.zip")
    path = Path("assignments/small/examples.json")
    text = path.read_text("utf-8")
    path.write_text(text.replace("[2.0, 2.0]", "[2.0000000000000004, 2.0]"), "utf-8")
    changed = path.read_bytes()
    assert changed != text.encode()
    run("release", "--zip", "two.zip")
    assert path.read_bytes() == changed
    assert unpacked("two.zip")["small/examples.json"] == changed


def test_a_leak_in_the_handout_or_a_data_file_is_refused_and_nothing_is_written(small):
    (small.folder / "handout.md").write_text("# Small\n\n```\ny = 2 * x\nreturn x**2 + x\n```\n", "utf-8")
    done = run("release", "--zip", "small.zip")
    assert done.exit_code == 2
    where = small.line("mistakes.py", "return x**2 + x")
    assert done.stderr == (
        f"grader: assignments/small/README.md:5: holds a known mistake's code (solutions/small/mistakes.py:{where}); "
        "nothing is written before it is taken out\n"
    )
    assert not Path("small.zip").exists()
    assert not Path("assignments").exists()
    (small.folder / "handout.md").write_text("# Small\n", "utf-8")
    (small.folder / "data.csv").write_text("a,b\nparcel-seed,1\n", "utf-8")
    small.edit("cases.py", "[DOUBLE])", '[DOUBLE], data=["data.csv"])')
    small_seed = {"GRADER_SEED": "parcel-seed"}
    refused = CliRunner().invoke(main, ["release", "--zip", "small.zip"], env=small_seed)
    assert refused.stderr.startswith("grader: assignments/small/data.csv:2: holds the secret seed; nothing is written")


def test_slips_are_one_line(small):
    for words, told in {
        ("--check", "--zip", "x.zip"): "release: expected --zip or --check, got both; run the one after the other",
        ("--roster", "r.csv", "--zip", "x.zip"): "release: expected --zip or --roster, got both; run the one after "
        "the other",
        ("--zip", "no/x.zip"): "no/x.zip: cannot be written (No such file or directory); name another file with --zip",
    }.items():
        done = run("release", *words)
        assert (done.exit_code, done.stderr) == (2, f"grader: {told}\n")
    shutil.rmtree(small.folder)
    assert run("release").stderr == (
        f"grader: {small.root.resolve()}/solutions: expected an assignment here; make one with 'grader new NAME'\n"
    )


def test_a_zip_of_the_whole_course_has_a_folder_for_each(tmp_path, monkeypatch):
    for name in ("affine", "two_by_two"):
        shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_SEED", raising=False)
    assert run("release", "--zip", "all.zip").exit_code == 0
    assert not (tmp_path / ".grader-seed").exists()
    files = unpacked("all.zip")
    assert {n.partition("/")[0] for n in files if not n.startswith(".")} == {
        "README.md", "affine", "requirements.txt", "two_by_two",
    }  # fmt: skip
    authored = load_assignment(tmp_path, "affine")
    text = b"\n".join(files.values())
    assert authored.folder.joinpath("cases.py").read_bytes() not in text
    with zipfile.ZipFile(io.BytesIO(Path("all.zip").read_bytes())) as archive:
        assert {(e.date_time, e.compress_type, e.create_system) for e in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)
        }


def test_a_german_course_hands_out_a_german_readme_and_title(small):
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "de"\n', "utf-8")
    (small.folder / "texts.de.toml").write_text('"Small" = "Klein"\n', "utf-8")
    done = run("release", "small", "--zip", "small.zip")
    assert done.exit_code == 0, done.output
    files = unpacked("small.zip")
    assert "README.de.md" not in files
    readme = files["README.md"].decode()
    assert readme.startswith("# Klein\n\nInstalliere den Grader einmal") and "{{" not in readme
    assert "| `small/` | Klein; fang mit der README.md darin an |" in readme
    first = json.loads(files["small/work.ipynb"])["cells"][0]
    assert "# Klein\n\nDie Anleitung steht in README.md." == "".join(first["source"])
