"""The commands on a gradebook, on a class that was really graded: override, extend, history, forget, export."""

import csv
import io
import json
import shlex
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner

from grader.cli import LATER, main
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.pseudonyms import Pseudonyms
from grader.gradebook.records import Person, attempt_of
from grader.gradebook.settings import read_rules
from grader.intake.folder import submissions
from grader.keyfile import key_hash
from grader.pipeline import grade_submission
from grader.reports.files import student_pages, write_pages, write_reports, write_run
from grader.reports.run import Run, visible_part
from grader.spool import Spool
from grader.values import safe_name
from grader.wire import pack

GUIDE = (Path(__file__).resolve().parent.parent / "docs" / "gradebook.md").read_text("utf-8")
SETTINGS = """
[tool.grader]
timezone = "Europe/Berlin"
[tool.grader.assignments.small]
deadline = 2026-11-20T18:00:00
late_penalty = { percent = 10 }
"""
WORK = {
    "rosa": "def double(x):\n    return x + x\n",
    "wrong": "def double(x):\n    return x * 3\n",
    "quixote": "def double(x):\n    return x / 2\n",
    "broken": "def double(\n",
}
PEOPLE = [
    Person("rosa", "Ada Lovelace", "ada@example.org", ["4001"]),
    Person("quixote", "Alonso Quijano O'Hara", "alonso@example.org", ["4002"]),
    Person("absent", "Nobody Here", "", ["4003"]),
]
TEMPLATE = (
    'Student,ID,Section,small (77)\r\n    Points Possible,,,2\r\n"Lovelace, Ada",4001,B,\r\n"Quijano",4002,B,1.50\r\n'
)


@pytest.fixture(scope="module")
def graded(zygote, course_in, tmp_path_factory):
    """A class on disk, its key and its grades."""
    course = course_in(tmp_path_factory.mktemp("graded") / "course")
    for name, text in WORK.items():
        (course.root / "class" / name).mkdir(parents=True)
        (course.root / "class" / name / "work.py").write_text(text, "utf-8")
    key = course.key()
    found = list(submissions([course.root / "class"], "work.py"))
    return key, found, [grade_submission(key, one, zygote) for one in found]


def hand_in(folder, graded, names=None):
    """Keep a graded class in a report folder, as `grade -o` does."""
    key, found, grades = graded
    if names is not None:
        found, grades = [names.submission(s) for s in found], [hidden(names, g) for g in grades]
    with Gradebook.open(folder / FILE, "small") as book:
        book.set_rules(read_rules(folder.parent, "small"))
        basis = book.basis(key, key_hash(key), "0.1")
        book.enrol(PEOPLE if names is None else [])
        for number, (submission, grade) in enumerate(zip(found, grades, strict=True)):
            when = datetime(2026, 11, 20, 16 + number, tzinfo=UTC)
            members = [f"{submission.id}_{7000 + number}_{number}_work.py", f"x_{number}_assignsubmission_file/work.py"]
            book.record(attempt_of(submission, when, members), grade, basis)
    write_reports(folder, key, key_hash(key), grades)
    with Spool() as spool:
        for grade in grades:
            spool.add(pack(grade))
        write_run(folder, Run(visible_part(key), spool))
    for grade in grades:
        write_pages(folder, grade.id, student_pages(key, grade))
        own = folder / "students" / safe_name(grade.id)
        (own / "feedback.html").write_text(f"<p>{grade.id}</p>", "utf-8")
        (own / "feedback.md").write_text(f"# {grade.id}\n", "utf-8")


def hidden(names, grade):
    return names.grade(msgspec.structs.replace(grade, id=names.of(grade.id)))


@pytest.fixture
def report(graded, tmp_path, monkeypatch):
    """The report folder of that class."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_WHO", "N. Bohr")
    Path("pyproject.toml").write_text(SETTINGS, "utf-8")
    Path("report").mkdir()
    hand_in(Path("report").absolute(), graded)
    return Path("report")


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


def done(*words):
    ended = run(*words)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def refused(*words):
    ended = run(*words)
    assert (ended.exit_code, ended.stdout) == (2, ""), ended.output
    return ended.stderr.strip()


def marks(folder="report"):
    rows = csv.DictReader(io.StringIO(done("export", "csv", folder), newline=""))
    return {row["id"]: row["mark"] for row in rows}


def test_commands_that_come_later_cost_a_check_nothing():
    code = "import sys, grader.cli; print([m for m in sys.modules if 'sqlite' in m or 'commands' in m or 'book' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    for name, module in LATER.items():
        assert main.get_command(None, name).callback.__module__ == module


def test_what_the_guide_shows_is_understood(tmp_path):
    lines = [line for line in GUIDE.splitlines() if line.startswith("grader ")]
    assert {line.split()[1] for line in lines} == {"override", "extend", "history", "export"}
    for line in lines:
        _grader, name, *words = shlex.split(line)
        main.get_command(None, name).make_context(name, words, parent=click.Context(main))
    (tmp_path / "pyproject.toml").write_text(GUIDE.split("```toml")[1].split("```")[0], "utf-8")
    rules = read_rules(tmp_path, "affine")
    assert (rules.deadline, rules.grace) == (datetime(2026, 11, 20, 17, tzinfo=UTC), 900.0)


# ---------------------------------------------------------------------------------- by hand


def test_a_mark_by_hand_is_told_before_and_after(report):
    assert marks() == {"absent": "", "broken": "0", "quixote": "0", "rosa": "1.8", "wrong": "0"}
    told = done("override", report, "wrong", "--exercise", "double", "--mark", "1.5", "--why", "on paper")
    assert told == "wrong: 0 → 1.3 of 2\n"
    assert done("override", report, "wrong", "--mark", "2", "--why", "oral") == "wrong: 1.3 → 2 of 2\n"
    assert done("override", report, "wrong", "--withdraw", "--why", "a slip") == "wrong: 2 → 1.3 of 2\n"
    assert done("override", report, "absent", "--mark", "1", "--why", "oral") == "absent: no mark → 1 of 2\n"
    assert done("override", report, "broken", "--comment", "which Python?") == "broken: 0 → 0 of 2\n"
    assert marks() == {"absent": "1", "broken": "0", "quixote": "0", "rosa": "1.8", "wrong": "1.3"}


def test_an_extension_takes_the_penalty_away(report):
    told = done("extend", report, "rosa", "--until", "2026-11-20 19:00", "--why", "ill")
    assert told == "rosa: deadline 2026-11-20 19:00:00+0100, mark 1.8 → 2\n"


def test_slips_of_override_and_extend_are_told(report):
    assert refused("override", report, "rosa") == "grader: override: expected --mark, --comment or --withdraw"
    both = ("override", report, "rosa", "--mark", "1", "--withdraw", "--why", "x")
    assert refused(*both) == "grader: override: expected --mark or --withdraw, got both"
    assert refused("override", report, "rosa", "--mark", "1") == "grader: override: expected a reason with --why"
    assert refused("override", report, "rosa", "--exercise", "x", "--mark", "1", "--why", "y") == (
        "grader: --exercise x: expected one of double"
    )
    for mark in ("-1", "2.5", "nan"):
        told = f"grader: --mark {mark}: expected 0 to 2 points"
        assert refused("override", report, "rosa", f"--mark={mark}", "--why", "y") == told
    assert refused("override", report, "rose", "--mark", "1", "--why", "y") == (
        "grader: rose: expected a student of report/gradebook.sqlite (such as rosa, broken)"
    )
    assert refused("extend", report, "rosa", "--until", "soon", "--why", "y") == (
        "grader: 'soon': expected a time such as 2026-11-20 or '2026-11-20 18:00'"
    )
    assert refused("extend", report, "rosa", "--until", "2026-11-19", "--why", "y") == (
        "grader: --until 2026-11-19: expected a time after the deadline, 2026-11-20 18:00:00+0100"
    )
    assert refused("history", "nowhere") == (
        "grader: nowhere/gradebook.sqlite: expected a gradebook; 'grader grade … -o nowhere' makes one"
    )


def test_who_did_it_must_be_known(report, monkeypatch):
    monkeypatch.delenv("GRADER_WHO")
    ended = run("override", report, "rosa", "--comment", "x")
    assert (ended.exit_code, "Missing option '--who'" in ended.stderr) == (2, True)
    assert done("override", report, "rosa", "--comment", "x", "--who", "M. Curie")
    assert "comment 'x', by M. Curie" in done("history", report, "rosa")


def test_history_lists_one_student_or_all_and_shows_no_control_characters(report):
    done("override", report, "rosa", "--comment", "a\x1b[31mb\nc")
    lines = done("history", report, "rosa").splitlines()
    assert lines[-1].endswith("rosa: comment 'a\\x1b[31mb\\nc', by N. Bohr")
    assert [line.split("  ", 1)[1] for line in lines[:2]] == [
        "gradebook of small",
        "rules: deadline 2026-11-20 18:00:00+0100, 10 % of full marks per day late, not below 0 %; the last attempt counts",
    ]
    assert len(done("history", report).splitlines()) == 3 + len(PEOPLE) + 2 * len(WORK) + 1
    assert refused("history", report, "nobody").startswith("grader: nobody: expected a student of ")


# ------------------------------------------------------------------------------------ forget


def traces(folder, *needles):
    """Every file and folder in which one of some texts stands, in any case."""
    found = []
    for path in folder.rglob("*"):
        data = str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"")
        found += [path.name for needle in needles if needle.lower() in data.lower()]
    return found


def lines_of(report):
    return [
        line.removesuffix(",")
        for name in ("grades.json", "run.json", "grades.csv")
        for line in (report / name).read_text("utf-8").split("\n")
    ]


def test_forget_leaves_no_byte_of_the_id_or_the_name(report):
    (report / "index.html").write_text("<p>Alonso Quijano O&#x27;Hara</p>", "utf-8")
    (report / "students" / ".feedback.html.part").write_text("quixote", "utf-8")
    needles = b"quixote", b"quijano", b"alonso"
    assert len(traces(report, *needles)) > 8
    before = lines_of(report)
    ended = run("forget", report, "quixote")
    assert (ended.exit_code, ended.stdout) == (
        0,
        "erased from gradebook.sqlite, students/quixote, grades.json, run.json, grades.csv, index.html\n",
    )
    assert ended.stderr == "index.html named them and is deleted; 'grader report report' writes it again\n"
    assert traces(report, *needles) == []
    assert lines_of(report) == [line for line in before if "quixote" not in line]
    assert [s["id"] for s in json.loads((report / "grades.json").read_text("utf-8"))["submissions"]] == [
        "broken", "rosa", "wrong",
    ]  # fmt: skip
    assert ["broken", "rosa", "wrong"] == [t["id"] for t in json.loads((report / "run.json").read_bytes())["times"]]
    assert marks() == {"absent": "", "broken": "0", "rosa": "1.8", "wrong": "0"}
    assert refused("forget", report, "quixote").startswith("grader: quixote: expected a student of ")


def test_grades_json_stays_as_it_is_written_whoever_is_forgotten(report, graded):
    key, _found, grades = graded
    gone = set()
    for grade in grades:
        run("forget", report, grade.id)  # "right" and "wrong" are words that stand in others' feedback too
        gone.add(grade.id)
        other = report.parent / "other"
        write_reports(other, key, key_hash(key), [g for g in grades if g.id not in gone])
        for name in ("grades.json", "grades.csv"):
            assert (report / name).read_bytes() == (other / name).read_bytes()


def test_what_forget_must_not_rewrite_is_named(report):
    (report / "notes.txt").write_text("ask Quixote again", "utf-8")
    (report / "grades.json").write_text("[]", "utf-8")
    ended = run("forget", report, "quixote")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (
        1,
        "erased from gradebook.sqlite, students/quixote, run.json, grades.csv\n",
        "still named, look there yourself: report/notes.txt\n",
    )
    assert (report / "notes.txt").read_text("utf-8") == "ask Quixote again"
    assert (report / "grades.json").read_text("utf-8") == "[]"


def test_forget_follows_no_link_out_of_the_folder(report, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "quixote.txt").write_text("quixote", "utf-8")
    shutil.rmtree(report / "students" / "quixote")
    (report / "students" / "quixote").symlink_to(outside)
    done("forget", report, "quixote")
    assert (outside / "quixote.txt").read_text("utf-8") == "quixote"
    assert not (report / "students" / "quixote").exists()


def test_forget_under_pseudonyms_empties_the_map_too(graded, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("report").mkdir()
    names = Pseudonyms.open(Path("map.json"))
    hand_in(Path("report").absolute(), graded, names)
    names.save()
    pseudonym = names.of("quixote")
    assert (traces(Path("report"), b"quixote"), b"quixote" in Path("map.json").read_bytes()) == ([], True)
    assert len(traces(Path("report"), pseudonym.encode())) > 3
    assert done("forget", "report", "quixote", "--pseudonyms", "map.json").endswith(
        ", grades.json, run.json, grades.csv, map.json\n"
    )
    assert traces(Path(), b"quixote", pseudonym.encode()) == []
    assert refused("forget", "report", "rosa", "--pseudonyms", "no.json") == (
        "grader: no.json: expected the map of pseudonyms under which report was written"
    )


# ------------------------------------------------------------------------------------ export


def test_a_template_is_filled_and_what_to_know_is_told(report):
    Path("t.csv").write_bytes(TEMPLATE.encode())
    ended = run("export", "canvas", report, "--template", "t.csv", "-o", "up.csv")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert Path("up.csv").read_bytes() == TEMPLATE.replace("B,\r", "B,1.8\r").replace("1.50", "0").encode()
    assert ended.stderr.splitlines() == [
        "small (77): 2 of 2 marks are new",
        "in the gradebook, and not in the file: absent, broken, wrong",
    ]
    assert run("export", "canvas", report, "--template", "t.csv").stdout_bytes == Path("up.csv").read_bytes()


def test_what_an_lms_calls_somebody_is_no_command_to_a_log(report):
    Path("t.csv").write_text(TEMPLATE + "##[error]x\x1b[31m,9999,B,\r\n", "utf-8", newline="")
    told = run("export", "canvas", report, "--template", "t.csv", "-o", "up.csv").stderr.splitlines()
    assert "in the file, and not in the gradebook: # #[error]x[31m" == told[-1]


def test_csv_and_moodle_need_no_template(report):
    rows = list(csv.DictReader(io.StringIO(done("export", "csv", report), newline="")))
    assert rows[3] == {
        "id": "rosa", "name": "Ada Lovelace", "email": "ada@example.org", "section": "", "status": "graded",
        "mark": "1.8", "max_score": "2", "attempt": "1", "late": "1", "comments": "", "double": "2",
    }  # fmt: skip
    assert [r["status"] for r in rows] == ["nothing handed in", "unreadable", "graded", "graded", "graded"]
    assert done("export", "moodle", report).splitlines()[3] == "4001,ada@example.org,rosa,1.8,"


def test_marks_under_pseudonyms_go_out_under_ids(graded, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("report").mkdir()
    names = Pseudonyms.open(Path("map.json"))
    hand_in(Path("report").absolute(), graded, names)
    names.save()
    assert marks().keys() == {names.of(name) for name in WORK}
    told = done("export", "csv", "report", "--pseudonyms", "map.json")
    assert {row["id"] for row in csv.DictReader(io.StringIO(told, newline=""))} == WORK.keys()
    assert refused("export", "csv", "report", "--pseudonyms", "no.json") == (
        "grader: no.json: expected the map of pseudonyms"
    )


def test_feedback_goes_back_under_the_names_of_the_lms(report):
    for lms, name in (("canvas", "rosa_7002_2_work.py"), ("moodle", "x_2_assignsubmission_file/feedback.html")):
        ended = run("export", lms, report, "--feedback", "-o", f"{lms}.zip")
        assert (ended.exit_code, ended.stderr) == (0, f"{lms}.zip: feedback for 4 students\n")
        with zipfile.ZipFile(f"{lms}.zip") as archive:
            assert name in archive.namelist()
    (report / "students" / "rosa" / "feedback.md").unlink()
    assert refused("export", "canvas", report, "--feedback", "-o", "again.zip") == (
        "grader: report/students/rosa: expected feedback.html and feedback.md; write them with 'grader report report'"
    )
    assert not Path("again.zip").exists()


def test_gradescope_gets_a_file_per_student(report):
    assert run("export", "gradescope", report, "-o", "gs").stderr == "4 results.json in gs\n"
    assert json.loads(Path("gs/rosa/results.json").read_text("utf-8"))["score"] == 1.8


def test_slips_of_export_are_told(report):
    Path("t.csv").write_bytes(TEMPLATE.encode())
    for words, told in {
        ("canvas", report): "export canvas: expected --template with canvas's own file "
        "(Grades → Export → Export Entire Gradebook)",
        ("csv", report, "--template", "t.csv"): "export csv: takes no --template",
        ("csv", report, "--scale"): "--column, --match and --scale: expected a --template, which they are about",
        ("canvas", report, "--template", "t.csv", "-o", "t.csv"): "-o t.csv: is the template itself; name another file",
        (
            "canvas",
            report,
            "--template",
            "no.csv",
        ): "no.csv: expected the LMS's own export, but No such file or directory",
        ("csv", report, "-o", "no/x.csv"): "no/x.csv: cannot be written (No such file or directory); "
        "name another file with -o",
        ("csv", report, "--feedback", "-o", "x"): "--feedback: csv takes none back; expected canvas or moodle",
        ("gradescope", report): "export: expected a file (for gradescope a folder) with -o",
    }.items():
        assert refused("export", *words) == f"grader: {told}"
