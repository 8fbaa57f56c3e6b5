"""What is remembered of a submission: a changed key's grades are those of a whole run, and only what changed is run."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import recall
from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.gradebook.book import FILE
from grader.gradebook.memories import PRINT, Kept, Memories
from grader.keyfile import dump_key
from grader.model import Finding, Memory, OutcomeKind, Submission
from grader.pipeline import SAMPLE, Grading
from grader.recall import source_print
from grader.schedule import only
from grader.wire import pack, unpack

ROOT = Path(__file__).resolve().parent.parent
SOAK = bool(os.environ.get("GRADER_SOAK"))
EXERCISES = ["relu_forward", "relu_backward", "square_forward", "square_backward"]
REMEMBERS = "SEEN = {}\ndef relu_forward(x):\n    SEEN[len(SEEN)] = 1\n    return x * (x > 0) + (len(SEEN) > 3), x\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")


@pytest.fixture(scope="module")
def authored():
    return load_assignment(ROOT, "activations")


@pytest.fixture(scope="module")
def key(authored):
    return only(build_key(authored, b"one"), EXERCISES)


@pytest.fixture(scope="module")
def other(authored):
    """The same assignment with hidden cases drawn from another seed."""
    return only(build_key(authored, b"two"), EXERCISES)


@pytest.fixture(scope="module")
def class_of_five(authored):
    source = authored.source
    texts = [
        source,
        source.replace("np.maximum(x, 0)", "x"),
        source.replace("np.maximum(x, 0)", "1 / 0"),
        source.replace("2 * x", "x"),
        source[: source.index("def relu_backward")]
        + "def relu_backward(dout, cache):\n    import os\n    os._exit(3)\n",
    ]
    assert 5 == len(set(texts))
    return [
        Submission(f"s{i}", {"activations.py": t.encode()}, "activations.py", f"{i:064x}") for i, t in enumerate(texts)
    ]


@pytest.fixture
def tasks(monkeypatch):
    """The ids of the tasks that were run."""
    run = []
    ran = recall.Runner.ran

    def counted(self, tasks):
        run.extend(task.id for task in tasks)
        return ran(self, tasks)

    monkeypatch.setattr(recall.Runner, "ran", counted)
    return run


def with_cases(key, exercise, change):
    """The key with the list of an exercise's cases changed."""
    exercises = [msgspec.structs.replace(e, cases=change(e.cases)) if e.id == exercise else e for e in key.exercises]
    return msgspec.structs.replace(key, exercises=exercises)


def hidden(key, exercise):
    (found,) = [e for e in key.exercises if e.id == exercise]
    return [c for c in found.cases if not c.visible]


def changed(key, other, exercise, case):
    """One hidden case drawn anew."""
    new = {c.id: c for c in hidden(other, exercise)}
    return with_cases(key, exercise, lambda cases: [new[c.id] if c.id == case else c for c in cases])


def added(key, other, exercise, case):
    new = [msgspec.structs.replace(c, id=f"{c.id}_new") for c in hidden(other, exercise) if c.id == case]
    return with_cases(key, exercise, lambda cases: [*cases, *new])


def removed(key, _other, exercise, case):
    def without(cases):
        (group,) = [c.group for c in cases if c.id == case]
        alone = sum(c.group == group for c in cases) == 1
        return cases if alone else [c for c in cases if c.id != case]

    return with_cases(key, exercise, without)


def looser(key, _other, exercise, case):
    def loosened(one):
        checks = {n: msgspec.structs.replace(c, tolerance=c.tolerance * 1e16) for n, c in one.checks.items()}
        return msgspec.structs.replace(one, checks=checks) if one.id == case else one

    return with_cases(key, exercise, lambda cases: list(map(loosened, cases)))


def without_mistakes(key, _other, exercise, _case):
    exercises = [msgspec.structs.replace(e, mistakes=e.mistakes[1:]) if e.id == exercise else e for e in key.exercises]
    return msgspec.structs.replace(key, exercises=exercises)


def worth_more(key, _other, exercise, _case):
    exercises = [
        msgspec.structs.replace(e, points={n: p + 1 for n, p in e.points.items()}) if e.id == exercise else e
        for e in key.exercises
    ]
    return msgspec.structs.replace(key, exercises=exercises)


def other_limits(key, *_rest):
    return msgspec.structs.replace(key, limits=msgspec.structs.replace(key.limits, cpu=key.limits.cpu + 1))


CHANGES = [changed, added, removed, looser, without_mistakes, worth_more, other_limits]


@pytest.fixture(scope="module")
def memories(key, class_of_five, zygote):
    """Submission → what is remembered of it, through a packed form."""
    grading = Grading(key, zygote)
    return {one.id: unpack(pack(grading.recalled(one, None)[2]), Memory) for one in class_of_five}


@given(st.data())
@settings(max_examples=300 if SOAK else 30)
def test_a_regrade_after_any_changes_gives_the_bytes_of_a_whole_run(key, other, class_of_five, memories, zygote, data):
    new = key
    for _ in range(data.draw(st.integers(1, 3))):
        change, exercise = data.draw(st.sampled_from(CHANGES)), data.draw(st.sampled_from(EXERCISES))
        kept = [c.id for c in hidden(new, exercise) if c.id in {o.id for o in hidden(other, exercise)}]
        if kept:
            new = change(new, other, exercise, data.draw(st.sampled_from(kept)))
    one = data.draw(st.sampled_from(class_of_five))
    again, _times, memory = Grading(new, zygote).recalled(one, memories[one.id])
    assert pack(Grading(new, zygote).grade(one)) == pack(again)
    if memory is not None:  # and what is remembered then serves as well
        assert pack(again) == pack(Grading(new, zygote).recalled(one, memory)[0])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_of_a_submission_only_the_changed_case_is_run(number, key, other, class_of_five, memories, zygote, tasks):
    one, case = class_of_five[number], hidden(key, "square_backward")[0].id
    Grading(changed(key, other, "square_backward", case), zygote).grade(one)
    whole = len(tasks)
    tasks.clear()
    Grading(changed(key, other, "square_backward", case), zygote).recalled(one, memories[one.id])
    assert [f"square_backward/{case}"] == tasks
    assert whole >= sum(len(e.cases) for e in key.exercises)


@pytest.mark.parametrize("change", [looser, without_mistakes, worth_more, removed])
def test_what_needs_no_run_is_judged_without_a_worker(change, key, other, class_of_five, memories, zygote, tasks):
    case = hidden(key, "square_backward")[0].id
    Grading(change(key, other, "square_backward", case), zygote).recalled(class_of_five[0], memories["s0"])
    assert [] == tasks


def test_other_limits_have_everything_run(key, class_of_five, memories, zygote, tasks):
    Grading(other_limits(key), zygote).recalled(class_of_five[0], memories["s0"])
    assert len(tasks) >= sum(len(e.cases) for e in key.exercises)


def test_another_language_has_everything_run_for_its_sentences(key, class_of_five, memories, zygote, tasks):
    german = msgspec.structs.replace(key, language="de")
    again, _times, _memory = Grading(german, zygote).recalled(class_of_five[0], memories["s0"])
    assert len(tasks) >= sum(len(e.cases) for e in key.exercises)
    assert pack(Grading(german, zygote).grade(class_of_five[0])) == pack(again)


def test_what_ended_its_process_is_run_again_and_the_rest_is_not(key, class_of_five, memories, zygote, tasks):
    grade, _times, _memory = Grading(worth_more(key, None, "square_forward", ""), zygote).recalled(
        class_of_five[4], memories["s4"]
    )
    assert OutcomeKind.CRASHED in {e.outcome for e in grade.exercises}
    assert tasks and {t.partition("/")[0] for t in tasks} == {"relu_backward"}


def test_of_one_whose_second_run_disagreed_nothing_is_remembered(key, authored, zygote):
    one = Submission("s", {"activations.py": REMEMBERS.encode()}, "activations.py", "f" * 64)
    grade, _times, memory = Grading(key, zygote).recalled(one, None)
    assert memory is None
    assert Finding.UNSTEADY in {v.finding for e in grade.exercises for v in e.verdicts}


def test_one_that_was_run_once_and_is_now_to_be_run_twice_is_run_whole(key, class_of_five, memories, zygote, tasks):
    one = class_of_five[0]
    grading = Grading(key, zygote)
    once = msgspec.structs.replace(memories["s0"], twice=False)
    number = next(
        n for n in range(1000) if grading._draw(msgspec.structs.replace(one, sha256=f"{n:064x}")) % SAMPLE == 0
    )
    sampled = msgspec.structs.replace(one, sha256=f"{number:064x}")
    _grade, _times, memory = grading.recalled(sampled, once)
    cases = sum(len(e.cases) for e in key.exercises)
    assert len(tasks) >= 2 * cases and memory.twice
    tasks.clear()
    grading.recalled(sampled, memory)
    assert [] == tasks


def test_who_is_drawn_for_a_second_run_is_the_same_under_every_key_of_a_seed(key, other, zygote):
    more = worth_more(key, None, "relu_forward", "")
    one = Submission("s", {}, "x.py", "a" * 64)
    assert Grading(key, zygote)._draw(one) == Grading(more, zygote)._draw(one) != Grading(other, zygote)._draw(one)


def test_a_memory_is_bounded(key, authored, zygote, monkeypatch):
    monkeypatch.setattr(recall, "MAX_OUTCOMES", 1000)
    one = Submission("s", {"activations.py": authored.source.encode()}, "activations.py", "0" * 64)
    _grade, _times, memory = Grading(key, zygote).recalled(one, None)
    assert 0 < sum(map(len, memory.outcomes.values())) <= 1000


def test_the_print_of_a_source_is_of_all_its_files():
    one = Submission("s", {"a.py": b"1", "b.py": b"2"}, "a.py", "x")
    same = msgspec.structs.replace(one, id="t", files=dict(reversed(one.files.items())), sha256="y")
    assert source_print(one) == source_print(same)
    for change in ({"main": "b.py"}, {"files": {"a.py": b"1", "b.py": b"3"}}, {"files": {"a.py": b"1", "c.py": b"2"}}):
        assert source_print(one) != source_print(msgspec.structs.replace(one, **change))


# ------------------------------------------------------------------------------------- in the gradebook


def a_memory(*outcomes, twice=False):
    return Memory(twice, b"head", {bytes([n]) * PRINT: text for n, text in enumerate(outcomes)})


def test_a_gradebook_keeps_every_outcome_once_and_gives_back_what_it_took(small_class):
    kept = {name: a_memory(b"common", name.encode(), b"common") for name in ("ann", "ben")}
    with small_class.open() as book:
        for name, memory in kept.items():
            sha256 = name * 20
            book.record(
                *(small_class.attempt(name, sha256), small_class.grade(name, sha256=sha256), small_class.basis(book)),
                Kept(name.encode(), "v1", memory),
            )
        book.flush()
        assert kept == {name: book.memories.find(name.encode(), "v1") for name in kept}
        assert kept == {name: Memories(book.ledger).find(name.encode(), "v1") for name in kept}
        assert book.memories.find(b"ann", "v2") is None and book.memories.find(b"cat", "v1") is None
        assert (5,) == book.ledger.one("SELECT count(*) FROM piece")  # the head, the tasks, and three outcomes


def test_what_is_remembered_of_a_person_is_forgotten_and_of_others_stays(small_class):
    from grader.gradebook.forgetting import forget

    with small_class.open() as book:
        basis = small_class.basis(book)
        for name in ("ann", "ben"):
            memory = a_memory(b"common", f"secret of {name}".encode())
            book.record(small_class.attempt(name), small_class.grade(name), basis, Kept(name.encode(), "v1", memory))
        forget(book, "ann")
        assert book.memories.find(b"ben", "v1") == a_memory(b"common", b"secret of ben")
        assert book.memories.find(b"ann", "v1") is None
    assert b"secret of ann" not in small_class.path.read_bytes()
    assert b"secret of ben" in small_class.path.read_bytes()


def test_numbers_given_in_a_transaction_that_is_lost_are_not_kept(small_class):
    with small_class.open() as book:
        basis = small_class.basis(book)
        book.record(small_class.attempt("ann"), small_class.grade("ann"), basis, Kept(b"ann", "v1", a_memory(b"one")))
        book.ledger.db.execute("CREATE TRIGGER no BEFORE INSERT ON memory BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(Exception, match="no"):
            book.flush()
        book.ledger.db.execute("DROP TRIGGER no")
        book.flush()
        assert a_memory(b"one") == book.memories.find(b"ann", "v1")


def test_a_gradebook_of_before_is_brought_up_to_remember(small_class):
    with small_class.open() as book:
        db = book.ledger.db
        for name in ("memory", "piece", "reading"):
            db.execute(f"DROP TABLE {name}")
        db.execute("PRAGMA user_version = 1")
    with small_class.open() as book:
        assert (0,) == book.ledger.one("SELECT count(*) FROM memory")
        assert 3 == book.ledger.one("PRAGMA user_version")[0]


def test_a_class_regraded_in_its_folder_has_the_bytes_of_a_new_run(tmp_path, course):
    """With the command: a hidden case changed; in a folder that knows the class, and in a new one."""
    key = course.key()
    (tmp_path / "old.key").write_bytes(dump_key(key))
    case = hidden(key, "double")[0]
    moved = msgspec.structs.replace(
        case,
        inputs={"x": np.array([9.0, -1.0, 0.5])},
        checks={"y": msgspec.structs.replace(case.checks["y"], value=np.array([18.0, -2.0, 1.0]))},
    )
    new = with_cases(key, "double", lambda cases: [moved if c.id == case.id else c for c in cases])
    (tmp_path / "new.key").write_bytes(dump_key(new))
    source = (course.folder / "work.py").read_text("utf-8")
    for number, text in enumerate([source, source.replace("2 * x", "x / 2"), source.replace("2 * x", "x * x * 2")]):
        (tmp_path / "class" / f"s{number}").mkdir(parents=True)
        (tmp_path / "class" / f"s{number}" / "work.py").write_text(text, "utf-8")

    def grade(key, folder, *words):
        command = [sys.executable, "-m", "grader", "grade", tmp_path / "class", "--key", tmp_path / key, "--unproven"]
        words = ("-o", tmp_path / folder, "--exit-zero", *words)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=True)

    grade("old.key", "known")
    grade("new.key", "known", "-j", "2", "--apply", "a better case")
    grade("new.key", "fresh")
    for name in ("grades.json", "grades.csv", "students/s1/feedback.json"):
        assert (tmp_path / "fresh" / name).read_bytes() == (tmp_path / "known" / name).read_bytes()
    times = json.loads((tmp_path / "known" / "run.json").read_text("utf-8"))["times"]
    assert [1, 1, 1] == [sum(s > 0 for s in entry["cases"]["double"]) for entry in times]  # one case of the two
    with sqlite3.connect(tmp_path / "known" / FILE) as book:
        assert (6,) == book.execute("SELECT count(*) FROM memory").fetchone()
    book.close()
