"""From a submission to its grade: variants, follow-through, blocked exercises, caches, and faults of ours."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader import pipeline
from grader.authoring.course import load_assignment
from grader.authoring.demo import demo_sources
from grader.authoring.key import PUBLIC_SEED, build_key, case_inputs
from grader.authoring.stub import stub_source
from grader.batch import grade_here
from grader.errors import SandboxError
from grader.intake.earlier import with_earlier
from grader.intake.folder import read_submission
from grader.model import Finding, Grade, OutcomeKind, Place, Status, Submission
from grader.pipeline import Grading, grade_submission
from grader.sandbox.warm import ZygoteLauncher
from grader.schedule import for_variant, only
from grader.structure import hashes_of
from grader.values import variant_of
from grader.wire import unpack

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def launcher():
    launcher = ZygoteLauncher()
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def answers():
    authored = load_assignment(ROOT, "two_by_two")
    return authored, build_key(authored, b"seed")


@pytest.fixture(scope="module")
def network():
    authored = load_assignment(ROOT, "network")
    return authored, only(build_key(authored, b"seed"), ["network_forward", "network_backward"])


def submit(authored, text, **changes):
    files = {name: source.encode() for name, source in authored.used.items()}
    file = authored.assignment.file
    return msgspec.structs.replace(Submission("s", files | {file: text.encode()}, file, ""), **changes)


def scores(grade):
    return {e.id: e.score for e in grade.exercises}


# -------------------------------------------------------------------------------------- variants


def own_numbers(authored, variant):
    """The reference's file with the right answers for one variant."""
    exercises = [e for e in authored.assignment.exercises if e.variants]
    inputs = case_inputs(authored, exercises[0].hidden[0], PUBLIC_SEED, f"variant {variant}")
    lines = [f"{e.id} = {np.asarray(e.answer(**inputs)).tolist()!r}" for e in exercises]
    return authored.source + "\n" + "\n".join(lines) + "\n"


def test_the_key_holds_64_variants_and_a_student_sees_none_of_the_others(answers):
    _authored, key = answers
    assert key.variants == 64
    loss = next(e for e in key.exercises if e.id == "L_variant")
    assert len(loss.cases) == 64
    assert all(not c.visible for c in loss.cases)
    assert [c.variant for e in for_variant(key, 7).exercises for c in e.cases if c.variant is not None] == [7] * 5


def test_the_numbers_of_64_variants_differ(answers):
    _authored, key = answers
    loss = next(e for e in key.exercises if e.id == "L_variant")
    assert len({c.inputs["X"].tobytes() + c.inputs["W"].tobytes() for c in loss.cases}) >= 60


@pytest.mark.parametrize("variant", [0, 1, 63])
def test_right_answers_to_a_students_own_numbers_earn_full_marks_and_to_anothers_do_not(variant, answers, launcher):
    authored, key = answers
    text = own_numbers(authored, variant)
    mine = grade_submission(key, submit(authored, text, variant=variant), launcher)
    assert mine.score == mine.max_score == 20
    theirs = grade_submission(key, submit(authored, text, variant=(variant + 5) % 64), launcher)
    assert scores(theirs)["L"] == 2
    assert scores(theirs)["L_variant"] == 0


def test_a_variant_depends_on_the_id_alone():
    assert variant_of("jdoe", 64) == variant_of("jdoe", 64)
    assert len({variant_of(f"student{i}", 64) for i in range(1000)}) == 64
    assert variant_of("jdoe", 0) == 0


# --------------------------------------------------------------------------------- follow-through


def test_answers_that_are_right_given_a_wrong_earlier_one_earn_what_the_author_set(answers, launcher):
    authored, key = answers
    wrong = np.array([[1.0, 3.0], [5.0, 7.0]])
    x, w = np.array([[0, 1], [2, 3]]), np.ones((2, 2))
    text = authored.source + (
        f"\ndL_dY = {wrong.tolist()}\ndL_dX = {(wrong @ w.T).tolist()}\ndL_dW = {(x.T @ wrong).tolist()}\n"
    )
    grade = grade_submission(key, submit(authored, text), launcher)
    assert {k: v for k, v in scores(grade).items() if "variant" not in k} == {
        "L": 2.0,
        "dL_df": 2.0,
        "dL_dY": 0.0,
        "dL_dX": 1.5,
        "dL_dW": 1.5,
    }
    remarks = {v.remark for e in grade.exercises for v in e.verdicts if e.id == "dL_dX"}
    assert remarks == {"right given your own earlier answer, which is not"}


def test_answers_that_follow_from_nothing_earn_nothing(answers, launcher):
    authored, key = answers
    text = authored.source + "\ndL_dY = None\ndL_dX = [[1, 2], [3, 4]]\n"
    grade = grade_submission(key, submit(authored, text), launcher)
    assert scores(grade)["dL_dX"] == 0


# ---------------------------------------------------------------------------------------- blocked


def test_a_network_whose_layer_is_wrong_is_blocked_by_its_name(network, launcher):
    authored, key = network
    broken = authored.used["layers.py"].replace("db = ", "db = 0 * ")
    assert broken != authored.used["layers.py"]
    files = {"layers.py": broken.encode(), "activations.py": authored.used["activations.py"].encode()}
    one = submit(authored, authored.source)
    grade = grade_submission(key, msgspec.structs.replace(one, files=one.files | files), launcher)
    by_id = {e.id: e for e in grade.exercises}
    assert by_id["network_forward"].score == by_id["network_forward"].max_score
    assert by_id["network_backward"].outcome is OutcomeKind.BLOCKED
    assert (
        by_id["network_backward"].message
        == "blocked by affine_backward in layers.py, which does not pass its own exercise yet: mend that first"
    )


def test_a_network_whose_layers_are_missing_is_blocked_too(network, launcher):
    authored, key = network
    alone = Submission("s", {"network.py": authored.source.encode()}, "network.py", "")
    grade = grade_submission(key, alone, launcher)
    assert {e.outcome for e in grade.exercises} == {OutcomeKind.BLOCKED}
    assert grade.exercises[0].message is not None
    assert "layers.py" in grade.exercises[0].message


def test_a_stub_of_a_network_is_not_attempted_rather_than_blocked(network, launcher):
    authored, key = network
    stub = demo_sources(authored, ROOT)["001_stub"]
    alone = Submission("s", {"network.py": stub.encode()}, "network.py", "")
    grade = grade_submission(key, alone, launcher)
    assert {e.outcome for e in grade.exercises} == {OutcomeKind.NOT_ATTEMPTED}


def test_earlier_files_are_found_with_the_students_id(network, tmp_path):
    authored, _key = network
    (tmp_path / "now" / "jdoe").mkdir(parents=True)
    (tmp_path / "now" / "jdoe" / "network.py").write_text(authored.source, "utf-8")
    (tmp_path / "then" / "jdoe").mkdir(parents=True)
    for name, text in authored.used.items():
        (tmp_path / "then" / "jdoe" / name).write_text(text, "utf-8")
    one = read_submission(tmp_path / "now" / "jdoe", "network.py", "jdoe")
    whole = with_earlier(one, tmp_path / "then", list(authored.used))
    assert sorted(whole.files) == ["activations.py", "layers.py", "network.py"]
    assert whole.sha256 != one.sha256


# ------------------------------------------------------------------------------- faults of ours


class FailingLauncher:
    """A sandbox that does not work."""

    def start(self, limits, first, *, rich=True):
        raise SandboxError("no processes left")

    def end(self, worker):
        return 0

    def close(self):
        return None


def test_a_sandbox_that_fails_leaves_no_mark_and_says_whose_fault_it_is(answers):
    authored, key = answers
    grade = grade_submission(key, submit(authored, authored.source), FailingLauncher())
    assert grade.status is Status.UNGRADED
    assert grade.score is None
    assert grade.message == "our fault, not the student's: no processes left"


def test_an_error_of_our_own_in_one_submission_stops_no_other(answers, launcher, monkeypatch):
    authored, key = answers
    real = pipeline.judge_submission

    def judge(key, submission, loaded, exercises):
        if submission.id == "unlucky":
            raise ZeroDivisionError("division by zero")
        return real(key, submission, loaded, exercises)

    monkeypatch.setattr(pipeline, "judge_submission", judge)
    class_of = [submit(authored, authored.source, id=name) for name in ("first", "unlucky", "last")]
    grades = [unpack(done.grade, Grade) for _one, done in grade_here(key, class_of, launcher)]
    assert [g.status for g in grades] == [Status.GRADED, Status.UNGRADED, Status.GRADED]
    assert grades[1].message is not None
    assert grades[1].message.startswith("our fault, not the student's: ZeroDivisionError in judge")


# --------------------------------------------------------------------------------- own caches


@pytest.fixture(scope="module")
def activations():
    authored = load_assignment(ROOT, "activations")
    return authored, only(build_key(authored, b"seed"), ["sigmoid_forward", "sigmoid_backward"])


FORWARD_FAILS = """
import numpy as np

def sigmoid_forward(x):
    raise RuntimeError("not yet")

def sigmoid_backward(dout, cache):
    {line}
"""


@pytest.mark.parametrize(
    "line", ["s = 1 / (1 + np.exp(-cache)); return dout * s * (1 - s)", "return dout * cache * (1 - cache)"]
)
def test_a_backward_without_its_forward_is_tried_on_the_visible_cases_with_either_cache(line, activations, launcher):
    authored, key = activations
    grade = grade_submission(key, submit(authored, FORWARD_FAILS.format(line=line)), launcher)
    backward = grade.exercises[1]
    assert {v.passed for v in backward.verdicts if v.visible} == {True}
    assert {v.passed for v in backward.verdicts if not v.visible} == {False}
    assert backward.score == 0, "a forward that fails on purpose must not leave the visible cases alone to judge"


def test_a_wrong_backward_without_its_forward_stays_wrong(activations, launcher):
    authored, key = activations
    grade = grade_submission(key, submit(authored, FORWARD_FAILS.format(line="return cache * (1 - cache)")), launcher)
    assert {v.passed for v in grade.exercises[1].verdicts} == {False}


def test_what_a_student_keeps_in_the_cache_is_their_own_choice(activations, launcher):
    authored, key = activations
    text = """
import numpy as np

class Kept:
    def __init__(self, x, out):
        self.x, self.out = x, out

def sigmoid_forward(x):
    out = np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))
    return out, Kept(x, out)

def sigmoid_backward(dout, cache):
    return dout * cache.out * (1 - cache.out)
"""
    grade = grade_submission(key, submit(authored, text), launcher)
    assert grade.score == grade.max_score


# ------------------------------------------------------------------------- a function handed over

HANDED = {
    "calls it without end": ("while True: f(x)", OutcomeKind.TIMED_OUT, "the function took more than 0.3 s"),
    "calls it wrongly": ("return f(np.ones((7, 7, 7)))", OutcomeKind.RAISED, "raised ValueError in line 4: "),
    "keeps it": ("KEPT.append(f); return 0 * x + KEPT[-1](x)", OutcomeKind.RETURNED, "gradient: "),
}


@pytest.mark.parametrize("what", HANDED)
def test_a_function_that_is_handed_a_function_stays_within_its_limits_and_is_told_its_own_line(what, launcher):
    body, kind, message = HANDED[what]
    authored = load_assignment(ROOT, "derivatives")
    key = only(build_key(authored, None), ["numerical_gradient", "grad_sum_of_doubles"])
    key = msgspec.structs.replace(key, limits=msgspec.structs.replace(key.limits, wall=0.3))
    text = f"import numpy as np\nKEPT = []\ndef numerical_gradient(f, x):\n    {body}\n"
    text += "def grad_sum_of_doubles(x):\n    return np.full(x.shape, 2.0)\n"
    first, second = grade_submission(key, submit(authored, text), launcher).exercises
    assert first.outcome is kind
    assert first.message is not None
    assert first.message.startswith(message)
    assert second.score == second.max_score


# ------------------------------------------------------------------------------- a second run

FIRST_SHAPE = """
def sigmoid_forward(x):
    import builtins
    import numpy as np
    first = builtins.__dict__.setdefault("first", x.shape)
    out = 1 / (1 + np.exp(-x))
    return (out if first == {shape} else out * 0), out
"""


def test_an_answer_that_depends_on_what_was_asked_before_is_a_finding(launcher):
    authored = load_assignment(ROOT, "activations")
    key = only(build_key(authored, b"a test"), ["sigmoid_forward"])
    shape = next(c for c in key.exercises[0].cases if c.visible).inputs["x"].shape
    text = authored.source + FIRST_SHAPE.format(shape=shape)
    (once,) = grade_submission(key, submit(authored, text), launcher, again=False).exercises
    assert once.score == once.max_score, "the first run alone sees nothing"
    (twice,) = grade_submission(key, submit(authored, text), launcher).exercises
    assert twice.score < twice.max_score
    assert {Finding.UNSTEADY} == {v.finding for v in twice.verdicts if not v.passed}


def test_what_took_too_long_is_not_run_again_in_another_order(launcher, monkeypatch):
    """It has no marks to lose, and the time that it takes is that of functions which would seem to change their minds."""
    authored = load_assignment(ROOT, "activations")
    key = only(build_key(authored, b"a test"), ["sigmoid_forward", "relu_forward"])
    quick = msgspec.structs.replace(key.limits, wall=0.2, total_wall=60.0)
    key = msgspec.structs.replace(key, limits=quick)
    asked = []
    whole = pipeline.Runner.ran

    def ran(self, tasks, more=False):
        asked.append({t.id.partition("/")[0] for t in tasks})
        return whole(self, tasks, more)

    monkeypatch.setattr(pipeline.Runner, "ran", ran)
    text = authored.source + FIRST_SHAPE.format(shape="None or True") + "\ndef relu_forward(x):\n    while True: pass\n"
    grade = grade_submission(key, submit(authored, text), launcher)
    assert [{"sigmoid_forward", "relu_forward"}, {"sigmoid_forward"}] == asked
    assert {"relu_forward": 0.0} == {e.id: e.score for e in grade.exercises if e.score < e.max_score}


def test_one_submission_in_twenty_is_run_again_and_nobody_knows_which(answers):
    _authored, key = answers
    keys = (key, msgspec.structs.replace(key, sampling="another seed's"))
    gradings = [pipeline.Grading(k, FailingLauncher()) for k in keys]
    drawn = [{n for n in range(2000) if g._sampled(Submission("a", {}, "m", f"{n:064x}"))} for g in gradings]
    for chosen in drawn:
        assert 60 <= len(chosen) <= 140
    assert len(drawn[0] & drawn[1]) < 30


def test_the_structure_of_a_students_functions_is_kept_where_it_is_asked_for_less_the_stubs(activations, launcher):
    authored, key = activations
    own = Grading(key, launcher, structured=True)
    full = own.grade(submit(authored, authored.source))
    assert len(hashes_of(full.structure)) >= 5
    assert not set(hashes_of(full.structure)) & set(hashes_of(key.stub))
    renamed = authored.source.replace("cache", "kept").replace("# BEGIN SOLUTION", "# mine")
    assert full.structure == own.grade(submit(authored, renamed)).structure
    assert own.grade(submit(authored, stub_source(authored.source, "activations.py"))).structure == b""
    assert Grading(key, launcher).grade(submit(authored, authored.source)).structure == b""


# ----------------------------------------------------------------------------------------- times


SLOW = "import time\n\n\ndef double(x):\n    time.sleep(0.3 if x.sum() != 2 else 0)\n    return x + x\n"


def test_times_are_told_case_by_case_beside_the_grade(course_in, launcher, tmp_path):
    key = course_in(tmp_path / "course").key()
    grade, times = Grading(key, launcher).timed(Submission("s", {"work.py": SLOW.encode()}, "work.py", "0"))
    visible, hidden = times.cases["double"]
    assert visible < 0.3 <= hidden < times.total
    assert grade.score == grade.max_score
    assert grade.exercises[0].place == Place("work.py", 4)


def test_a_submission_that_is_not_run_has_no_cases_times(course_in, launcher, tmp_path):
    key = course_in(tmp_path / "course").key()
    for broken in (
        Submission("s", {}, None, "", problem="no file"),
        Submission("s", {"work.py": b"("}, "work.py", "0"),
    ):
        grade, times = Grading(key, launcher).timed(broken)
        assert (grade.status, times.cases) == (Status.UNREADABLE, {})
