"""Work that is graded already is known by its raw files: what must miss, and that nothing is mixed up."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import __version__
from grader.cli import main
from grader.errors import UsageError
from grader.gradebook.book import FILE, Gradebook
from grader.intake import folder, skim
from grader.intake.folder import survey
from grader.intake.skim import Skim, reading_mark
from tests.trees import notebook, on_disk

RIGHT = "def double(x):\n    return x + x\n"
WRONG = "def double(x):\n    return x * 3\n"
NOTHING_RUN = "nothing had to be run, and whether submissions can be confined here was not tried"
TRIED = "confined at tier 1"


@pytest.fixture
def here(course, monkeypatch):
    """A course, the working directory."""
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "tests")
    return course.root


@pytest.fixture
def no_parser(monkeypatch):
    """Makes choosing and converting a student's files fail, in this process and in those forked from it."""

    def parse(*_arguments):
        raise AssertionError("files were parsed")

    return lambda: monkeypatch.setattr(folder, "choose", parse)


def grade(*words, report="report"):
    ended = CliRunner().invoke(main, ["grade", *map(str, words), "-a", "small", "-o", report, "--exit-zero"])
    assert ended.exit_code == 0, ended.output
    return ended.stderr.splitlines()


def ran(told):
    """Whether a submission had to be run."""
    assert (NOTHING_RUN in told) != any(line.startswith(TRIED) for line in told), told
    return NOTHING_RUN not in told


def same_as_fresh(*words):
    """The report of a folder with a gradebook has the bytes of a new folder's."""
    grade(*words, report="fresh")
    for name in ("grades.json", "grades.csv"):
        assert Path("fresh", name).read_bytes() == Path("report", name).read_bytes()


def scores():
    return {s["id"]: s["score"] for s in json.loads(Path("report/grades.json").read_text("utf-8"))["submissions"]}


def marks(file="work.py", released="r", files=("a.ipynb",), remarks=()):
    return reading_mark(file, released, dict.fromkeys(files, b""), remarks)


def test_what_is_graded_is_neither_parsed_nor_run_again(here, no_parser):
    on_disk(here / "class", {"ada/work.py": RIGHT, "ben/work.ipynb": notebook(WRONG), "cyd.ipynb": notebook(RIGHT)})
    assert ran(grade("class"))
    before = {p: p.read_bytes() for p in Path("report").rglob("*") if p.is_file() and FILE not in p.name}
    no_parser()
    told = grade("class")
    assert not ran(told) and "3 were graded before with the same key and are not run again" in told
    assert before == {p: p.read_bytes() for p in before}


def test_more_processes_need_not_read_it_either(here, no_parser):
    on_disk(here / "class", {"ada.py": RIGHT, "ben.py": WRONG})
    grade("class")
    no_parser()
    assert not ran(grade("class", "-j", "2"))
    assert {"ada": 2.0, "ben": 0.0} == scores()


def test_work_that_changed_is_read_and_the_rest_is_not_mixed_up_with_it(here):
    on_disk(here / "class", {"ada.ipynb": notebook(RIGHT), "ben.ipynb": notebook(WRONG), "cyd.py": WRONG})
    grade("class")
    on_disk(here / "class", {"ada.ipynb": notebook(WRONG), "ben.ipynb": notebook(RIGHT), "dora.py": WRONG})
    assert ran(grade("class"))
    assert {"ada": 0.0, "ben": 2.0, "cyd": 0.0, "dora": 0.0} == scores()
    same_as_fresh("class")


def test_work_that_cannot_be_read_needs_no_sandbox(here):
    on_disk(here / "class", {"ada.py": RIGHT, "ben.ipynb": "{"})
    grade("class")
    assert not ran(grade("class"))
    assert {"ada": 2.0, "ben": 0.0} == scores()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cases.py", 'points={"y": 2}', 'points={"y": 4}'),
        ("work.py", "    y = None\n", "    y = 0 * x\n"),
    ],
    ids=["key", "released notebook"],
)
def test_notebooks_are_read_again_after_a_change_of(here, course, file, old, new):
    on_disk(here / "class", {"ada.ipynb": notebook(RIGHT), "ben.ipynb": notebook(WRONG)})
    grade("class")
    assert not ran(grade("class"))
    course.edit(file, old, new)
    assert ran(grade("class", "--apply", "changed"))
    same_as_fresh("class")
    assert not ran(grade("class"))


def test_scripts_are_not_read_again_for_another_released_notebook(here, course):
    on_disk(here / "class", {"ada.py": RIGHT})
    grade("class")
    with Gradebook.open(Path("report") / FILE) as book:
        assert 1 == len(list(book.read_and_graded(book.current)))
    assert marks(files=["a.py"], released="one") == marks(files=["a.py"], released="other")


def test_another_version_of_the_grader_reads_again(here, monkeypatch):
    first = marks()
    monkeypatch.setattr(skim, "__version__", __version__ + ".1")
    assert first != marks()


def test_the_mark_tells_what_reading_depends_on():
    every = [marks(), marks(file="f.py"), marks(released="q"), marks(files=["a.py"]), marks(remarks=["late"])]
    assert len(set(every)) == len(every)


def test_a_variant_of_the_same_files_is_another_work(tmp_path):
    on_disk(tmp_path, {"ada.py": RIGHT, "ben.py": RIGHT})
    with survey([tmp_path], "work.py") as found, Skim() as told:
        whole = list(found)
        graded = [(0, whole[0].sha256, whole[0].reading)]
        with found.reading(found.entries, skim=told) as coming:
            told.tell([0, 3], graded)
            ada, ben = coming
    assert ada.unread and {} == ada.files and "work.py" == ada.main
    assert not ben.unread and whole[1] == ben
    assert (whole[0].sha256, whole[0].reading, "ada") == (ada.sha256, ada.reading, ada.id)


def test_a_run_that_ends_before_it_tells_leaves_no_process_behind(tmp_path):
    on_disk(tmp_path, {"ada.py": RIGHT})
    with survey([tmp_path], "work.py") as found, Skim() as told, found.reading(found.entries, skim=told):
        pass  # the process that reads still waits, and is ended


def test_a_thousand_kilobytes_of_what_is_known_arrive(tmp_path):
    on_disk(tmp_path, {"ada.py": RIGHT})
    with survey([tmp_path], "work.py") as found, Skim() as told, found.reading(found.entries, skim=told) as coming:
        told.tell([0], [(0, f"{n:064}", "0" * 32) for n in range(10_000)])
        assert [False] == [s.unread for s in coming]


def test_earlier_files_that_come_along_are_looked_for(here):
    """With `--with` what is read is more than the raw files, so all is read."""
    on_disk(here / "class", {"ada.py": RIGHT})
    on_disk(here / "before", {"ada.py": RIGHT})
    grade("class")
    told = grade("class", "--with", "before")
    assert NOTHING_RUN not in told and any(line.startswith(TRIED) for line in told)


def test_one_that_shares_files_with_another_gets_an_attempt_of_its_own(here):
    on_disk(here / "class", {"ada.py": RIGHT})
    grade("class")
    (here / "class" / "ben.py").write_text(RIGHT, "utf-8")
    (here / "class" / "ada.py").rename(here / "class" / "cyd.py")
    grade("class")
    assert {"ben": 2.0, "cyd": 2.0} == scores()
    same_as_fresh("class")
    with Gradebook.open(Path("report") / FILE) as book:
        assert [["work.py"]] * 3 == [list(book.attempts(s)[0].files) for s in ("ada", "ben", "cyd")]


def test_the_same_files_handed_in_later_are_another_attempt(here, no_parser):
    def tree(when):
        return {"submitted/ada/small/work.py": RIGHT, "submitted/ada/small/timestamp.txt": f"2026-11-20 {when} UTC"}

    on_disk(here / "class", tree("17:00:00"))
    grade("class")
    on_disk(here / "class", tree("18:00:00"))
    no_parser()
    assert not ran(grade("class"))
    with Gradebook.open(Path("report") / FILE) as book:
        first, second = book.attempts("ada")
    assert first.files == second.files != {} and first.sha256 == second.sha256
    assert ["17:00", "18:00"] == [f"{a.handed_in:%H:%M}" for a in (first, second)]


def test_a_gradebook_that_forgets_or_is_merged_keeps_whole(here, no_parser):
    on_disk(here / "class", {"ada.py": RIGHT, "ben.py": WRONG})
    grade("class")
    ended = CliRunner().invoke(main, ["forget", "report", "ada", "--yes"])
    with Gradebook.open(Path("report") / FILE) as book:
        left = book.ledger.one("SELECT count(*) FROM reading")
    assert ended.exit_code == 0 and (1,) == left, ended.output


def test_a_grade_taken_out_while_the_class_was_read_is_told(here, monkeypatch):
    on_disk(here / "class", {"ada.py": RIGHT})
    grade("class")
    monkeypatch.setattr(Gradebook, "find", lambda *_arguments, **_more: None)
    ended = CliRunner().invoke(main, ["grade", "class", "-a", "small", "-o", "report"])
    assert isinstance(UsageError("").exit_code, int) and ended.exit_code == UsageError("").exit_code
    assert (
        "grader: report/gradebook.sqlite: the grade of ada was taken out of it while the class was read; "
        "give the same command again" in ended.stderr.splitlines()
    )


def test_parts_that_are_merged_keep_what_was_read_late_work_and_messages(here, no_parser):
    """What is read of raw files is marked; merged gradebooks have the marks, and the next run reads nothing."""
    Path("pyproject.toml").write_text(
        '[tool.grader]\ntimezone = "UTC"\n[tool.grader.assignments.small]\ndeadline = 2026-11-20T17:30:00\nlate_penalty = { percent = 10 }\n',
        "utf-8",
    )
    tree = {}
    for student, when, work in [
        ("ada", "17:00:00", notebook(RIGHT, "print 'old'")),
        ("ben", "18:00:00", notebook(RIGHT)),
        ("cyd", "18:00:00", notebook("1 +", WRONG)),
        ("dan", "17:00:00", b"{"),
    ]:
        tree[f"submitted/{student}/small/work.ipynb"] = work
        tree[f"submitted/{student}/small/timestamp.txt"] = f"2026-11-20 {when} UTC"
    on_disk(here / "class", tree)
    grade("class")
    for number in (1, 2):
        grade("class", "--shard", f"{number}/2", report=f"part{number}")
    ended = CliRunner().invoke(main, ["merge", "part1", "part2", "-o", "joined"])
    assert ended.exit_code == 0, ended.output
    told = {name: read(name) for name in ("report", "joined")}
    assert told["report"] == told["joined"]
    marked, remarks, marks_kept = told["joined"]
    assert {"ada": 2.0, "ben": 1.8, "cyd": 0.0, "dan": 0.0} == marked
    assert ["code cell 2 ", "code cell 1 "] == [r[0][:12] for r in (remarks["ada"], remarks["cyd"])]
    assert 3 == marks_kept
    shutil.rmtree(here / "class/submitted/dan")  # what could not be read is read again each time
    no_parser()
    assert not ran(grade("class", report="joined"))
    assert told["report"] == read("joined")


def read(report):
    """Marks, remarks and the number of marks of readings."""
    with Gradebook.open(Path(report) / FILE) as book:
        standing = {s.student: s.mark for s in book.standing()}
        (count,) = book.ledger.one("SELECT count(*) FROM reading")
    pages = {s: json.loads(Path(report, "students", s, "feedback.json").read_bytes()) for s in standing}
    return standing, {s: [*page["remarks"], page["message"] or ""] for s, page in pages.items()}, count


def test_another_language_is_another_reading_and_feedback_follows_it(here):
    """Notebooks' remarks are sentences too: a course that changes its language has both read and graded anew."""
    on_disk(here / "class", {"ada.ipynb": notebook("1 +", WRONG), "ben.py": RIGHT, "cyd.ipynb": b"{"})
    for language, remark, finding in [
        ("en", "code cell 1 is no Python and was left out", "entries differ"),
        ("de", "Code-Zelle 1 ist kein Python und wurde weggelassen", "Einträgen weichen ab"),
        ("en", "code cell 1 is no Python and was left out", "entries differ"),
    ]:
        Path("pyproject.toml").write_text(f'[tool.grader]\nlanguage = "{language}"\n', "utf-8")
        told = grade("class")
        page = json.loads(Path("report/students/ada/feedback.json").read_bytes())
        text = Path("report/students/ada/feedback.md").read_text("utf-8")
        assert page["remarks"][0].startswith(remark) and finding in text
        same_as_fresh("class")
        for page in Path("fresh/students").rglob("feedback.*"):
            assert page.read_bytes() == Path("report", page.relative_to("fresh")).read_bytes()
    assert "the key or the grader has changed, and no mark moves: the new texts count" in told
    assert {"ada": 0.0, "ben": 2.0, "cyd": 0.0} == scores()


def test_texts_do_not_count_unasked_where_a_mark_moves_or_not_all_are_graded_anew(here, course):
    on_disk(here / "class", {"ada.py": WRONG, "ben.py": RIGHT})
    grade("class")
    course.edit("cases.py", 'title="', 'title="Now ')
    assert "ben: keeps the result of the earlier key" in "".join(grade("class", "--student", "ada"))
    with Gradebook.open(Path("report") / FILE) as book:
        before = book.current
    grade("class")
    with Gradebook.open(Path("report") / FILE) as book:
        assert before != book.current
        before = book.current
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    assert "1 mark would move" in "".join(grade("class"))
    with Gradebook.open(Path("report") / FILE) as book:
        assert before == book.current
