"""Pseudonyms are stable, nobody guesses them without the map, and no text tells who it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook.pseudonyms import Pseudonyms
from grader.gradebook.records import Attempt, Person
from grader.model import Origin, Submission

ADA = Person("ada", "Ada King Lovelace", "ada@example.org", ["4242", "loveada"])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "maps" / "pseudonyms.json"


def test_a_pseudonym_is_the_same_whenever_the_file_is_used(path):
    first = Pseudonyms.open(path)
    names = {s: first.of(s) for s in ("ada", "ben", "李雷", "a\udcff", "")}
    assert len(set(names.values())) == len(names)
    assert all(n.startswith("p-") and len(n) == 12 for n in names.values())
    first.save()
    again = Pseudonyms.open(path)
    assert {s: again.of(s) for s in reversed(names)} == names
    assert {again.student(n) for n in names.values()} == {"ada", "ben", "李雷", "a\\udcff", ""}
    assert again.student("p-nobody") is None


def test_another_file_gives_other_pseudonyms_and_two_runs_with_one_agree(path, tmp_path):
    one, two = Pseudonyms.open(path), Pseudonyms.open(path)
    assert one.of("ada") == two.of("ada") != Pseudonyms.open(tmp_path / "other.json").of("ada")
    one.of("ben")
    two.of("cyd")
    one.save()
    two.save()
    kept = json.loads(path.read_text("utf-8"))["students"]
    assert sorted(kept.values()) == ["ada", "ben", "cyd"]


def test_the_map_is_for_its_owner_alone_and_leaves_nothing_beside_it(path):
    names = Pseudonyms.open(path)
    names.of("ada")
    names.save()
    names.save()
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["pseudonyms.json"]


def test_a_submission_is_graded_under_its_pseudonym(path):
    names = Pseudonyms.open(path)
    hidden = names.submission(Submission("ada", {"work.py": b""}, "work.py", "a" * 64, variant=7))
    assert (hidden.id, hidden.variant, hidden.files) == (names.of("ada"), 7, {"work.py": b""})


def test_no_text_of_a_grade_tells_who_it_is(path, small_class):
    names = Pseudonyms.open(path)
    own = names.of("ada")
    texts = [
        "ada.py",
        "AdaKingLovelace_hw1.ipynb",
        "lovelaceadaking_4242_99_work.py",
        "Lovelace, Ada King",
        "lovelace-king-ada",
        "by ada@example.org",
        "/home/loveada/x",
    ]
    grade = small_class.grade(own, files=texts, message="\n".join(texts), remarks=texts)
    hidden = names.grade(grade, ADA)
    shown = str(hidden).lower()
    assert [w for w in ("ada", "lovelace", "king", "4242", "example.org") if w in shown.replace(own, "")] == []
    assert (hidden.id, hidden.score, hidden.exercises) == (own, grade.score, grade.exercises)


def test_no_name_of_a_file_tells_who_it_is(path, small_class):
    names = Pseudonyms.open(path)
    attempt = Attempt(
        student=names.of("ada"), sha256="a", files={"ada_lovelace.py": "b", "x.py": "c"}, members=["Ada_1"]
    )
    hidden = names.attempt(attempt, Person("ada", "Ada Lovelace"))
    assert (list(hidden.files), hidden.members) == ([f"{names.of('ada')}.py", "x.py"], [])


def test_words_that_only_contain_a_name_stay(path, small_class):
    names = Pseudonyms.open(path)
    grade = small_class.grade(names.of("max"), message="np.maximum, argmax, max(x), climax")
    told = names.grade(grade, Person("max", "Max")).message
    assert told == f"np.maximum, argmax, {names.of('max')}(x), climax"


@given(st.text(min_size=1, max_size=20))
def test_any_name_can_be_hidden(name):
    from grader.gradebook.pseudonyms import _traces

    _traces([Person(name, name)]).sub("p-x", f"by {name}")


def test_a_student_is_taken_out_of_the_map(path):
    names = Pseudonyms.open(path)
    names.of("quixote")
    names.of("ada")
    names.save()
    assert names.forget("quixote")
    assert not names.forget("quixote")
    assert b"quixote" not in path.read_bytes()
    assert list(json.loads(path.read_text("utf-8"))["students"].values()) == ["ada"]


def refused(path):
    with pytest.raises(UsageError) as told:
        Pseudonyms.open(path)
    return str(told.value).replace(str(path), "FILE")


def test_what_is_no_map_is_told(tmp_path):
    path = tmp_path / "map.json"
    path.write_text("x", "utf-8")
    assert refused(path) == (
        "FILE: expected a map of pseudonyms, but JSON is malformed: invalid character (byte 0); name another file"
    )
    path.write_text('{"schema": "x", "secret": "", "students": {}}', "utf-8")
    assert refused(path) == "FILE: expected schema grader/pseudonyms/v1, got 'x'; update grader or name another file"
    assert refused(tmp_path) == "FILE: the map of pseudonyms cannot be read or made (Is a directory)"
    assert refused(path / "below") == "FILE: the map of pseudonyms cannot be read or made (File exists)"


def test_a_group_and_where_its_work_came_from_are_hidden(path):
    names = Pseudonyms.open(path)
    origin = Origin("canvas", "lovelaceada_LATE_42_9_work.py", "lovelaceada", "ada@example.org", True, "2026-11-20")
    given = Submission("ada", {}, None, "", members=["ada", "ben"], origin=origin)
    hidden = names.submission(given)
    assert ([names.of("ada"), names.of("ben")], Origin("canvas", late=True, handed_in="2026-11-20")) == (
        hidden.members,
        hidden.origin,
    )


def test_a_line_about_several_names_none_of_them(path):
    names = Pseudonyms.open(path)
    names.know([ADA, Person("ben"), Person("4243", "ItoBen")])
    told = names.line("Ada King Lovelace and ben: the last of ben's counts, not Al's; itoben_4243_1_x.py")
    ada, ben, ito = map(names.of, ("ada", "ben", "4243"))
    assert f"{ada} and {ben}: the last of {ben}'s counts, not Al's; {ito}_{ito}_1_x.py" == told
