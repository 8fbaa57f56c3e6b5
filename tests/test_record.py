"""A proof is remembered until something that it depends on changes."""

import json

import pytest

from grader import __version__
from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.keyfile import dump_key, key_hash, load_key, proof_hash
from grader.proof.record import KEPT, RECORD, fingerprint, remember, remembered
from grader.proof.result import Naming, Proof

SEED = b"secret"


def proof(mark="mark"):
    """A proof that holds and gives this mark."""
    return Proof(
        assignment="small",
        title="",
        grader=__version__,
        generated=1,
        exercises=[],
        mutants=[],
        naming=Naming(),
        problems=[],
        proof=mark,
    )


def know(course, seed=SEED):
    return remembered(course.root, course.load(), seed)


def test_nothing_is_remembered_of_a_new_course(course):
    assert "" == know(course)


def test_a_proof_is_remembered(course):
    remember(course.root, course.load(), SEED, proof())
    assert "mark" == know(course)


@pytest.mark.parametrize("file", ["work.py", "cases.py", "mistakes.py", "handout.md"])
def test_a_changed_file_makes_it_stale(course, file):
    remember(course.root, course.load(), SEED, proof())
    path = course.folder / file
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert "" == know(course)


def test_another_file_makes_it_stale(course):
    remember(course.root, course.load(), SEED, proof())
    (course.folder / "equivalent.py").write_text("EQUIVALENT = []\n", "utf-8")
    assert "" == know(course)


def test_another_seed_and_another_version_make_it_stale(course, monkeypatch):
    remember(course.root, course.load(), SEED, proof())
    assert "" == know(course, b"another")
    monkeypatch.setattr("grader.proof.record.__version__", "99")
    assert "" == know(course)


def test_a_changed_earlier_assignment_makes_it_stale(course):
    later = course.root / "solutions" / "later"
    later.mkdir()
    for path in course.folder.iterdir():
        text = path.read_text("utf-8")
        text = text.replace('"work.py", [DOUBLE]', '"later.py", [DOUBLE], uses=("small",)')
        (later / path.name.replace("work", "later")).write_text(text, "utf-8")
    before = fingerprint(load_assignment(course.root, "later"), SEED)
    assert before == fingerprint(load_assignment(course.root, "later"), SEED)
    course.edit("handout.md", "Write", "Please write")
    assert before != fingerprint(load_assignment(course.root, "later"), SEED)


def test_what_does_not_hold_any_more_is_forgotten(course):
    remember(course.root, course.load(), SEED, proof())
    remember(course.root, course.load(), b"other", proof("kept"))
    remember(course.root, course.load(), SEED, proof(""))
    assert "" == know(course)
    assert "kept" == know(course, b"other")


def test_few_proofs_are_kept_of_one_assignment(course):
    for number in range(KEPT + 2):
        remember(course.root, course.load(), str(number).encode(), proof(str(number)))
    assert ["", "", "2"] == [know(course, str(n).encode()) for n in range(3)]
    assert str(KEPT + 1) == know(course, str(KEPT + 1).encode())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "another", "proven": {"small": {}}}', '{"proven": 3}'])
def test_a_record_that_is_none_of_ours_says_nothing_and_is_written_anew(course, text):
    (course.root / RECORD).write_text(text, "utf-8")
    assert "" == know(course)
    remember(course.root, course.load(), SEED, proof())
    assert "mark" == know(course)
    assert "grader/proofs/v1" == json.loads((course.root / RECORD).read_text("utf-8"))["schema"]


def test_a_record_with_other_values_says_nothing(course):
    remember(course.root, course.load(), SEED, proof())
    path = course.root / RECORD
    path.write_text(path.read_text("utf-8").replace('"mark"', "7"), "utf-8")
    assert "" == know(course)


# ------------------------------------------------------------------------------------ marks of keys


def test_a_mark_belongs_to_one_key_and_to_one_version(course, monkeypatch):
    import msgspec

    key = course.key()
    mark = proof_hash(key)
    proven = msgspec.structs.replace(key, proof=mark)
    assert mark == proof_hash(proven), "the mark is not part of what it marks"
    assert key_hash(key) == key_hash(proven)
    assert proven == msgspec.structs.replace(load_key(dump_key(proven), "k"), exercises=proven.exercises)
    assert mark != proof_hash(course.key(b"another"))
    monkeypatch.setattr("grader.keyfile.__version__", "99")
    assert mark != proof_hash(key)


def test_a_students_examples_carry_no_mark(course):
    from grader.keyfile import dump_examples

    assert "proof" not in json.loads(dump_examples(build_key(course.load(), None)))
