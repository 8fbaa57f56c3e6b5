"""Who moves under a changed key is told before it is applied, and only then do marks move."""

import pytest

from grader.errors import UsageError
from grader.gradebook.records import Override
from grader.gradebook.regrade import apply, movements
from grader.model import Status


def marks(book):
    return {s.student: s.mark for s in book.standing()}


@pytest.fixture
def regraded(small_class):
    """Three students, of whom one gains, one loses and one stays under a second key."""
    with small_class.open() as book:
        old = small_class.basis(book)
        new = small_class.basis(book, 2.0)
        for basis, points in ((old, {"ada": 2.0, "ben": 6.0, "cyd": 3.0}), (new, {"ada": 5.0, "ben": 4.5, "cyd": 3.0})):
            for student, f in points.items():
                work = student.ljust(64, "0")
                book.record(small_class.attempt(student, work), small_class.grade(student, f, sha256=work), basis)
        yield book, old, new


def test_movements_are_told_and_nothing_moves(regraded):
    book, old, new = regraded
    assert book.current == old
    told = {m.student: (m.change, m.exercises, m.regraded) for m in movements(book, new)}
    assert told == {"ada": (3.0, {"f": (2.0, 5.0)}, True), "ben": (-1.5, {"f": (6.0, 4.5)}, True)}
    assert marks(book) == {"ada": 6.0, "ben": 10.0, "cyd": 7.0}
    assert list(movements(book, old)) == []


def test_once_applied_marks_have_moved_and_the_old_key_can_be_applied_again(regraded):
    book, old, new = regraded
    assert apply(book, new, "N. Bohr", "case drawn was wrong") == 2
    assert marks(book) == {"ada": 9.0, "ben": 8.5, "cyd": 7.0}
    assert list(movements(book, new)) == []
    assert apply(book, old, "N. Bohr", "it was right") == 2
    assert marks(book) == {"ada": 6.0, "ben": 10.0, "cyd": 7.0}
    assert len([e for e in book.history() if "counts, by" in e.what]) == 3


def test_who_is_not_regraded_stays_and_is_named(small_class, regraded):
    book, old, new = regraded
    small_class.hand_in(book, "dan", f=1.0, basis=old)
    told = {m.student: (m.change, m.regraded) for m in movements(book, new)}
    assert told == {"ada": (3.0, True), "ben": (-1.5, True), "dan": (0.0, False)}
    with pytest.raises(UsageError) as error:
        apply(book, new, "N. Bohr", "so")
    assert str(error.value) == "dan: not graded with the new key yet (1 in all); grade the whole class first"
    assert marks(book)["ada"] == 6.0
    assert apply(book, new, "N. Bohr", "so", partly=True) == 2
    assert marks(book) == {"ada": 9.0, "ben": 8.5, "cyd": 7.0, "dan": 5.0}


def test_what_was_set_by_hand_does_not_move(regraded):
    book, _old, new = regraded
    book.override(Override(student="ada", exercise="f", mark=6.0, why="seen", who="N. Bohr"))
    book.override(Override(student="ben", mark=9.0, why="seen", who="N. Bohr"))
    told = {m.student: (m.change, m.exercises) for m in movements(book, new)}
    assert told == {"ben": (0.0, {"f": (6.0, 4.5)})}


def test_a_fault_of_ours_under_the_new_key_has_no_change_in_points(small_class, regraded):
    book, _old, new = regraded
    failed = small_class.grade("ada", status=Status.UNGRADED, score=None, exercises=[])
    book.record(small_class.attempt("ada", "ada".ljust(64, "0")), failed, new)
    told = {m.student: (m.change, m.after.mark) for m in movements(book, new)}
    assert told["ada"] == (None, None)


def test_another_version_of_the_grader_is_another_basis(small_class):
    with small_class.open() as book:
        old, new = small_class.basis(book), small_class.basis(book, grader="0.2")
        work = "a" * 64
        book.record(small_class.attempt("ada", work), small_class.grade("ada", 2.0), old)
        book.record(small_class.attempt("ada", work), small_class.grade("ada", 3.0), new)
        assert [m.change for m in movements(book, new)] == [1.0]
        assert marks(book) == {"ada": 6.0}


def test_a_key_with_other_exercises_moves_what_they_are_worth(small_class):
    with small_class.open() as book:
        old = small_class.basis(book)
        new = small_class.basis(book, points={"f": 6.0})
        work = "a" * 64
        whole = small_class.grade("ada", 6.0, 1.0)
        book.record(small_class.attempt("ada", work), whole, old)
        one = small_class.grade("ada", score=6.0, max_score=6.0, exercises=whole.exercises[:1])
        book.record(small_class.attempt("ada", work), one, new)
        (moved,) = movements(book, new)
        assert (moved.change, moved.exercises, moved.after.max_score) == (-1.0, {"g": (1.0, 0.0)}, 6.0)
