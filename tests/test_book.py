"""The gradebook keeps everything once: attempts, results, marks by hand; through kills, locks and full disks."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.records import Attempt, Basis, Extension, Override, Person, attempt_of
from grader.gradebook.rules import Penalty, Rules
from grader.gradebook.schema import TABLES
from grader.intake.folder import submissions
from grader.keyfile import key_hash
from grader.model import Evidence, Status, Submission
from grader.pipeline import grade_submission
from grader.reports.data import grades_json
from grader.wire import Opaque

ROOT = Path(__file__).resolve().parent.parent
DUE = datetime(2026, 11, 20, 17, tzinfo=UTC)


def tables(path):
    """Every row of every table."""
    with sqlite3.connect(path) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    db.close()
    return rows


def by_hand(student, **more):
    return Override(student=student, who="N. Bohr", why="seen by hand", **more)


# ------------------------------------------------------------------------------ what is kept


def test_real_grades_come_back_as_they_went_in(course, zygote, tmp_path):
    key, digest = course.key(), "d" * 64
    folder = tmp_path / "class"
    for name, text in {
        "right": "def double(x):\n    return x + x\n",
        "wrong": "def double(x):\n    return x * [3]\n",
        "raises": "def double(x):\n    return x.nothing\n",
        "broken": "def double(\n",
    }.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "work.py").write_text(text, "utf-8")
    found = list(submissions([folder], "work.py"))
    grades = [grade_submission(key, one, zygote) for one in found]
    with Gradebook.open(tmp_path / FILE, "small") as book:
        basis = book.basis(key, digest, "0.1")
        for submission, grade in zip(found, grades, strict=True):
            book.record(attempt_of(submission), grade, basis)
    with Gradebook.open(tmp_path / FILE, "small") as book:
        again = [book.find(s.sha256, basis, s.id) for s in found]
        assert "".join(grades_json(key, digest, grades)) == "".join(grades_json(key, digest, again))
        assert {g.id: g.score for g in grades} == {s.student: s.mark for s in book.standing()}
        assert [book.grade(s).status for s in book.standing()] == [g.status for g in sorted(grades, key=lambda g: g.id)]


def test_arrays_and_opaque_values_are_kept(small_class):
    shown = [Evidence("shown", "y", np.array([[1.0, np.nan]]), np.zeros((2, 1), np.float32), 0.1)]
    shown.append(Evidence("shown", "y", Opaque("Tensor"), 1.0, 0.1))
    grade = small_class.grade("ada")
    grade = msgspec.structs.replace(grade, exercises=[msgspec.structs.replace(grade.exercises[0], evidence=shown)])
    with small_class.open() as book:
        basis = small_class.basis(book)
        book.record(small_class.attempt("ada"), grade, basis)
        book.flush()
        kept = book.find("a" * 64, basis).exercises[0].evidence
    np.testing.assert_array_equal(shown[0].returned, kept[0].returned)
    assert kept[0].expected.dtype == np.float32
    assert kept[1].returned.type_name == "Tensor"


def test_a_grade_is_kept_without_its_student_and_with_the_time_of_recording(small_class):
    with small_class.open() as book:
        basis = small_class.basis(book)
        for name in ("ada", "ben"):
            book.record(small_class.attempt(name), small_class.grade(name), basis)
        book.enrol([Person("cyd")])
        assert [e.student for e in book.history()] == [None, None, "ada", "ada", "ben", "ben", "cyd"]
    first, second = tables(small_class.path)["result"]
    assert first[8] == second[8]


def test_names_in_any_language_and_of_no_encoding_are_kept_apart(small_class):
    names = ["Ólafur", "李雷", "عمر", "a\udcff", "a\udcfe", "x'; DROP TABLE attempt; --", "\x00", ""]
    with small_class.open() as book:
        basis = small_class.basis(book)
        for name in names:
            odd = small_class.grade(name, files=[f"{name}.py"])
            book.record(Attempt(student=name, sha256="a" * 64, files={f"{name}.py": "b"}), odd, basis)
        assert len(list(book.standing())) == len(set(names))
        assert [len(book.attempts(name)) for name in names] == [1] * len(names)
        assert [book.find("a" * 64, basis, name).id for name in names] == names


def test_each_attempt_has_its_files_and_their_hashes():
    files = {"work.py": b"x = 1\n", "more.py": b""}
    attempt = attempt_of(Submission("ada", files, "work.py", "s" * 64, variant=3), DUE, ["ada_1_2_work.py"])
    assert attempt == Attempt(
        student="ada",
        sha256="s" * 64,
        files={
            "more.py": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "work.py": "9e26bf369911c45c243c684147b23fc9e1dcfcf257d299a1c632016a6fcd33f4",
        },
        handed_in=DUE,
        variant=3,
        members=["ada_1_2_work.py"],
    )


# ----------------------------------------------------------------- unchanged work is not run again


def test_work_is_found_by_files_key_version_and_variant(small_class):
    with small_class.open() as book:
        basis = small_class.basis(book)
        book.record(small_class.attempt("ada", variant=2), small_class.grade("ada", f=5), basis)
        book.flush()
        found = book.find("a" * 64, basis, "ben", variant=2)
        assert (found.id, found.score) == ("ben", 9.0)
        assert book.find("b" * 64, basis, "ada", variant=2) is None
        assert book.find("a" * 64, Basis("0" * 64, "0.1"), "ada", variant=2) is None
        assert book.find("a" * 64, Basis(basis.key, "0.2"), "ada", variant=2) is None
        assert book.find("a" * 64, basis, "ada", variant=1) is None


def test_a_fault_of_ours_is_never_found_and_unreadable_work_by_its_own_student_only(small_class):
    with small_class.open() as book:
        basis = small_class.basis(book)
        broken = small_class.grade(
            "ada", status=Status.UNREADABLE, score=0.0, exercises=[], message="ada.py: no Python"
        )
        failed = small_class.grade("ben", status=Status.UNGRADED, score=None, exercises=[])
        book.record(small_class.attempt("ada", "a" * 64), broken, basis)
        book.record(small_class.attempt("ben", "b" * 64), failed, basis)
        book.flush()
        assert book.find("a" * 64, basis, "ada").message == "ada.py: no Python"
        assert book.find("a" * 64, basis, "ben") is None
        assert book.find("b" * 64, basis, "ben") is None
        assert {s.student: (s.status, s.mark) for s in book.standing()} == {
            "ada": (Status.UNREADABLE, 0.0),
            "ben": (Status.UNGRADED, None),
        }
        book.record(small_class.attempt("ben", "b" * 64), small_class.grade("ben"), basis)
        assert (small_class.mark(book, "ben"), len(book.attempts("ben"))) == (10.0, 1)


def test_verdicts_hold_for_cases_that_did_not_change(small_class):
    with small_class.open() as book:
        old = small_class.key(1.0)
        book.record(small_class.attempt("ada"), small_class.grade("ada"), small_class.basis(book))
        everything = {(e, c) for e in "fg" for c in ("shown", "drawn")}
        assert book.verdicts("a" * 64, old, "0.1").keys() == everything
        assert book.verdicts("a" * 64, small_class.key(2.0), "0.1").keys() == {("f", "shown"), ("g", "shown")}
        assert book.verdicts("a" * 64, small_class.key(points={"f": 60.0, "g": 1.0}), "0.1").keys() == everything
        assert book.verdicts("a" * 64, small_class.key(title="Other words"), "0.1").keys() == everything
        tighter = msgspec.structs.replace(old.limits, wall=1.0)
        assert book.verdicts("a" * 64, small_class.key(limits=tighter), "0.1") == {}
        assert book.verdicts("a" * 64, old, "0.2") == {}
        assert book.verdicts("a" * 64, old, "0.1", variant=1) == {}
        assert [v.case for v in book.verdicts("a" * 64, old, "0.1")["f", "drawn"]] == ["drawn"]


# --------------------------------------------------------------------------------- attempts


def test_the_same_work_again_is_no_new_attempt_and_other_work_is(small_class):
    with small_class.open() as book:
        for points in (1.0, 1.0, 5.0, 5.0, 1.0):
            small_class.hand_in(book, "ada", f=points)
        assert [(a.number, a.sha256[:6]) for a in book.attempts("ada")] == [(1, "ada1.0"), (2, "ada5.0"), (3, "ada1.0")]
        assert small_class.mark(book, "ada") == 5.0
        assert len(tables(small_class.path)["result"]) == 3


def test_with_times_an_earlier_archive_read_again_changes_nothing(small_class):
    with small_class.open() as book:
        for day, points in ((1, 1.0), (3, 6.0), (1, 1.0), (2, 2.0)):
            small_class.hand_in(book, "ada", f=points, handed_in=DUE + timedelta(days=day))
        assert [a.handed_in.day for a in book.attempts("ada")] == [21, 23, 22]
        assert small_class.mark(book, "ada") == 10.0
        small_class.hand_in(book, "ada", f=1.0, handed_in=DUE + timedelta(days=4))
        assert small_class.mark(book, "ada") == 5.0


def test_a_time_that_becomes_known_later_counts_and_the_attempt_without_one_does_not(small_class):
    late = Rules(DUE, penalty=Penalty(10))
    with small_class.open() as book:
        book.set_rules(msgspec.structs.replace(late, attempts="best"))
        basis, grade = small_class.basis(book), small_class.grade("ada")
        book.record(small_class.attempt("ada"), grade, basis)
        assert small_class.mark(book, "ada") == 10.0
        book.record(small_class.attempt("ada", handed_in=DUE + timedelta(hours=1)), grade, basis)
        assert small_class.mark(book, "ada") == 9.0


def test_the_best_attempt_is_the_best_after_its_penalty(small_class):
    with small_class.open() as book:
        small_class.hand_in(book, "ada", f=3.0, handed_in=DUE)
        small_class.hand_in(book, "ada", f=5.0, handed_in=DUE + timedelta(days=3))
        book.set_rules(Rules(DUE, penalty=Penalty(10), attempts="best"))
        best = next(book.standing())
        assert (best.attempt, best.late, best.mark) == (1, 0, 7.0)
        book.set_rules(Rules(DUE, penalty=Penalty(10)))
        last = next(book.standing())
        assert (last.attempt, last.late, last.graded, last.penalty, last.mark) == (2, 3, 9.0, 3.0, 6.0)
        book.extend(Extension(student="ada", until=DUE + timedelta(days=2), why="ill", who="N. Bohr"))
        assert next(book.standing()).mark == 8.0


# --------------------------------------------------------------------------------- by hand


def test_a_mark_by_hand_stays_through_regrades_and_new_attempts(small_class):
    with small_class.open() as book:
        small_class.hand_in(book, "ada", f=0.0)
        book.override(by_hand("ada", exercise="f", mark=6.0, comment="the idea is right"))
        assert small_class.mark(book, "ada") == 10.0
        new = small_class.basis(book, 2.0)
        small_class.hand_in(book, "ada", f=0.0, g=3.0, basis=new)
        book.apply(new, "N. Bohr", "a new key")
        standing = next(book.standing())
        assert (standing.mark, standing.by_hand, standing.comments) == (9.0, ["f"], ["f: the idea is right"])
        book.override(by_hand("ada", exercise="f", withdrawn=True))
        assert (small_class.mark(book, "ada"), next(book.standing()).by_hand) == (3.0, [])


def test_a_whole_mark_by_hand_is_final(small_class):
    with small_class.open() as book:
        small_class.hand_in(book, "ada", handed_in=DUE + timedelta(days=5))
        book.set_rules(Rules(DUE, penalty=Penalty(10)))
        book.override(by_hand("ada", mark=7.5))
        standing = next(book.standing())
        assert (standing.mark, standing.penalty, standing.graded, standing.by_hand) == (7.5, 0.0, 10.0, [""])
        book.override(by_hand("ada", withdrawn=True))
        assert small_class.mark(book, "ada") == 5.0


def test_who_handed_nothing_in_can_have_a_mark_by_hand(small_class):
    with small_class.open() as book:
        small_class.basis(book)
        book.enrol([Person("ada", "Ada Lovelace")])
        assert list(book.standing()) == []
        book.override(by_hand("ada", exercise="g", mark=4.0))
        standing = next(book.standing())
        assert (standing.mark, standing.status, standing.attempts, standing.max_score) == (4.0, None, 0, 10.0)
        assert book.grade(standing) is None


def test_a_mark_by_hand_of_every_exercise_mends_a_fault_of_ours(small_class):
    with small_class.open() as book:
        failed = small_class.grade("ada", status=Status.UNGRADED, score=None, exercises=[])
        book.record(small_class.attempt("ada"), failed, small_class.basis(book))
        book.override(by_hand("ada", exercise="f", mark=6.0))
        assert small_class.mark(book, "ada") is None
        book.override(by_hand("ada", exercise="g", mark=1.0))
        assert small_class.mark(book, "ada") == 7.0


# ---------------------------------------------------------------------- nothing is overwritten

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hand_in"), st.sampled_from("abc"), st.sampled_from([0.0, 3.0, 6.0]), st.integers(0, 3)),
        st.tuples(st.just("override"), st.sampled_from("abc"), st.sampled_from([None, 0.0, 6.0])),
        st.tuples(st.just("extend"), st.sampled_from("abc"), st.integers(0, 9)),
        st.tuples(st.just("rules"), st.sampled_from([None, 1, 2])),
        st.tuples(st.just("apply"), st.sampled_from([1.0, 2.0])),
        st.tuples(st.just("enrol"), st.sampled_from("abc"), st.text(max_size=3)),
    ),
    max_size=12,
)


def take(small_class, book, step):
    kind, *values = step
    if kind == "hand_in":
        day = DUE + timedelta(days=values[2]) if values[2] else None
        small_class.hand_in(book, values[0], f=values[1], handed_in=day, basis=book.current or None)
    elif kind == "override":
        book.override(by_hand(values[0], exercise="f", mark=values[1], comment="seen"))
    elif kind == "extend":
        book.extend(Extension(student=values[0], until=DUE + timedelta(days=values[1]), why="ill", who="N. Bohr"))
    elif kind == "rules":
        book.set_rules(Rules(DUE if values[0] else None, grace=float(values[0] or 0)))
    elif kind == "apply":
        book.apply(small_class.basis(book, values[0]), "N. Bohr", "so")
    else:
        book.enrol([Person(values[0], values[1])])
    book.flush()


@settings(max_examples=40)
@given(steps=STEPS)
def test_history_only_grows_and_every_row_stays_as_it_was(class_in, tmp_path_factory, steps):
    small_class = class_in(tmp_path_factory.mktemp("book"))
    with small_class.open() as book:
        told, rows = list(book.history()), tables(small_class.path)
        for step in steps:
            take(small_class, book, step)
            now, kept = list(book.history()), tables(small_class.path)
            assert now[: len(told)] == told
            for table, before in rows.items():
                assert kept[table][: len(before)] == before, table
            told, rows = now, kept


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_file_itself_refuses_a_change(small_class, table, verb):
    with small_class.open() as book:
        small_class.hand_in(book, "ada")
        book.set_rules(Rules())
        book.enrol([Person("ada")])
        book.override(by_hand("ada", comment="seen"))
        book.extend(Extension(student="ada", until=DUE))
    db = sqlite3.connect(small_class.path)
    column = "key" if table == "key_case" else "at"
    command = f"DELETE FROM {table}" if verb == "DELETE" else f"UPDATE {table} SET {column} = {column}"
    with pytest.raises(sqlite3.IntegrityError, match="a gradebook is only added to"):
        db.execute(command)
    db.close()


def test_history_tells_it_all_in_sentences(small_class):
    with small_class.open() as book:
        book.set_rules(Rules(DUE, "Europe/Berlin", 900.0, Penalty(10, floor=50)))
        book.enrol([Person("ada", "Ada Lovelace", "ada@example.org", section="B")])
        small_class.hand_in(book, "ada", f=1.0, handed_in=DUE)
        book.flush()
        book.override(by_hand("ada", exercise="f", mark=2.5, comment="half right"))
        book.override(by_hand("ada", exercise="f", withdrawn=True))
        book.extend(Extension(student="ada", until=DUE + timedelta(days=1), why="ill", who="N. Bohr"))
        small_class.hand_in(book, "ben")
        key = key_hash(small_class.key())[:8]
        assert [e.what for e in book.history("ada")] == [
            "gradebook of small",
            "rules: deadline 2026-11-20 18:00:00+0100, grace 15 min, 10 % of full marks per day late, not below 50 %; "
            "the last attempt counts",
            "known as Ada Lovelace <ada@example.org> in B",
            f"key {key} with grader 0.1 counts, by grader: the first key",
            "attempt 1: work.py (ada1.04.), handed in 2026-11-20 18:00:00+0100",
            f"attempt 1 graded, 5 points (key {key}, grader 0.1)",
            "f: 2.5 by hand, f: comment 'half right', by N. Bohr: seen by hand",
            "f: by hand withdrawn, by N. Bohr: seen by hand",
            "deadline 2026-11-21 18:00:00+0100, by N. Bohr: ill",
        ]
        assert {e.student for e in book.history()} == {None, "ada", "ben"}


# ------------------------------------------------------------------------- kills, locks, disks

RECORD = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.conftest import Class
small_class = Class(Path({folder!r}))
with small_class.open() as book:
    basis = small_class.basis(book)
    for number in range(100_000):
        grade = small_class.grade(f"s{{number:06}}")
        book.record(small_class.attempt(grade.id, f"{{number:064}}"), grade, basis)
        if number % 10 == 9:
            book.flush()
            print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 7, 23])
def test_what_is_recorded_stays_when_the_process_is_killed(small_class, tmp_path, lines):
    script = RECORD.format(root=str(ROOT), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    for _ in range(lines):
        last = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with small_class.open() as book:
        standings = list(book.standing())
        assert len(standings) >= last + 1
        assert [s.student for s in standings] == [f"s{n:06}" for n in range(len(standings))]
        assert {(s.mark, s.attempts) for s in standings} == {(10.0, 1)}
        assert book.find(f"{last:064}", small_class.basis(book)) is not None
        assert book.ledger.one("PRAGMA integrity_check") == ("ok",)


def test_a_batch_that_is_not_written_is_lost_whole_and_nothing_else(small_class):
    with small_class.open() as book:
        small_class.hand_in(book, "ada")
        book.flush()
        small_class.hand_in(book, "ben")
        book._pending.append(msgspec.structs.replace(book._pending[0], basis=Basis("0" * 64, "0.1")))
        with pytest.raises(UsageError) as told:
            book.flush()
        assert str(told.value) == (
            f"{small_class.path}: has no grades with the key 000000000000; grade with that key first"
        )
        assert [r[1] for r in tables(small_class.path)["attempt"]] == ["ada"]
        del book._pending[1]
        assert [s.student for s in book.standing()] == ["ada", "ben"]


def test_two_runs_at_once_keep_every_grade_once(small_class, tmp_path):
    script = RECORD.format(root=str(ROOT), folder=str(tmp_path)).replace("100_000", "200")
    runs = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    rows = tables(small_class.path)
    assert (len(rows["attempt"]), len(rows["result"]), len(rows["key"])) == (200, 200, 1)
    assert (len(rows["applied"]), len(rows["book"])) == (1, 1)


def test_a_lock_is_waited_for_and_then_told(small_class):
    with small_class.open(wait=0.2) as book:
        basis = small_class.basis(book)
        other = sqlite3.connect(small_class.path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        book.record(small_class.attempt("ada"), small_class.grade("ada"), basis)
        with pytest.raises(UsageError) as told:
            book.flush()
        assert str(told.value) == (
            f"{small_class.path}: another program has kept the gradebook locked for 0.2 s; close it and give the same "
            "command again: what is recorded stays"
        )
        other.execute("ROLLBACK")
        assert small_class.mark(book, "ada") == 10.0
    with small_class.open(wait=30.0) as book:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        release.start()
        small_class.hand_in(book, "ben")
        assert [s.student for s in book.standing()] == ["ada", "ben"]
        release.join()
    other.close()


def test_a_full_disk_is_told_and_costs_nothing_that_was_recorded(small_class):
    with small_class.open() as book:
        small_class.hand_in(book, "ada")
        book.flush()
        pages = book.ledger.one("PRAGMA page_count")[0]
        book.ledger.one(f"PRAGMA max_page_count = {pages}")
        noise = np.random.default_rng(0).integers(32, 120, 60_000, np.uint8).tobytes().decode()
        big = small_class.grade("ben", message=noise)
        book.record(small_class.attempt("ben"), big, small_class.basis(book))
        with pytest.raises(UsageError) as told:
            book.flush()
        assert str(told.value) == (
            f"{small_class.path}: the gradebook cannot be written (database or disk is full); make room on the disk and "
            "give the same command again: what is recorded stays"
        )
        assert [r[1] for r in tables(small_class.path)["attempt"]] == ["ada"]
        book.ledger.one("PRAGMA max_page_count = 1000000")
        assert [s.student for s in book.standing()] == ["ada", "ben"]


# ------------------------------------------------------------------------------------ errors


def test_an_unknown_student_is_told_with_the_nearest(small_class):
    with small_class.open() as book:
        with pytest.raises(UsageError) as told:
            book.require("ada")
        assert str(told.value) == f"ada: expected a student of {small_class.path} (it has none yet)"
        for name in ("ada", "adele", "zoe"):
            small_class.hand_in(book, name)
        book.require("ada")
        with pytest.raises(UsageError) as told:
            book.require("adda")
        assert str(told.value) == f"adda: expected a student of {small_class.path} (such as ada)"


@pytest.mark.parametrize(
    "data", [b"", b"x", zlib.compress(b"x"), zlib.compress(bytes(65 << 20)), zlib.compress(b"\x80")[:-1]]
)
def test_a_damaged_grade_is_told_and_not_swallowed_whole(small_class, data):
    with small_class.open() as book:
        basis = small_class.basis(book)
        small_class.hand_in(book, "ada")
        book.flush()
        standing = next(book.standing())
        book.ledger.add(
            "result", attempt=1, key=1, grader="0.1", variant=0, status="graded", score=1.0, points="{}", grade=data
        )
        assert basis == standing.basis
        with pytest.raises(UsageError, match=r"the grade of ada cannot be read .*; put a copy in its place"):
            book.grade(standing)
