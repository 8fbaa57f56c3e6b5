"""One set of tests that walks every assignment of the course: a new exercise needs no new test."""

from pathlib import Path

import msgspec
import pytest

from grader.authoring.course import assignment_names, load_assignment
from grader.authoring.demo import REFERENCE, STUB, demo_sources
from grader.authoring.exercise import Effect
from grader.authoring.key import build_key
from grader.authoring.release import differences, released
from grader.keyfile import dump_key
from grader.model import Finding, OutcomeKind, Status, Submission
from grader.pipeline import grade_submission
from grader.sandbox.warm import ZygoteLauncher

ROOT = Path(__file__).resolve().parent.parent
NAMES = assignment_names(ROOT)
SEED = b"a seed of the tests"
LEAST_MISTAKES = 3


@pytest.fixture(scope="module")
def launcher():
    launcher = ZygoteLauncher()
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def authored():
    return {name: load_assignment(ROOT, name) for name in NAMES}


@pytest.fixture(scope="module")
def keys(authored):
    return {name: build_key(a, SEED) for name, a in authored.items()}


def submit(authored, text):
    files = {name: source.encode() for name, source in authored.used.items()}
    file = authored.assignment.file
    return Submission("student", files | {file: text.encode()}, file, "")


def test_the_course_has_its_five_assignments():
    assert NAMES == ["activations", "affine", "derivatives", "network", "two_by_two"]


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_full_marks_and_no_remark(name, authored, keys, launcher):
    grade = grade_submission(keys[name], submit(authored[name], authored[name].source), launcher)
    assert grade.status is Status.GRADED
    assert grade.remarks == []
    for exercise in grade.exercises:
        assert exercise.score == exercise.max_score, (exercise.id, exercise.message)
        assert not any(v.remark for v in exercise.verdicts), exercise.id


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_earns_nothing_and_is_told_as_not_attempted(name, authored, keys, launcher):
    stub = demo_sources(authored[name], ROOT)[STUB]
    grade = grade_submission(keys[name], submit(authored[name], stub), launcher)
    assert grade.score == 0
    assert {e.outcome for e in grade.exercises} == {OutcomeKind.NOT_ATTEMPTED}
    assert {v.finding for e in grade.exercises for v in e.verdicts} == {Finding.NOT_ATTEMPTED}


@pytest.mark.parametrize("name", NAMES)
def test_every_known_mistake_has_its_declared_effect_and_is_named(name, authored, keys, launcher):
    one = authored[name]
    mistakes = {m.id: m for m in one.mistakes}
    for student, text in demo_sources(one, ROOT).items():
        if student in (REFERENCE, STUB):
            continue
        mistake = mistakes[student]
        grade = grade_submission(keys[name], submit(one, text), launcher)
        exercise = next(e for e in grade.exercises if e.id == mistake.of)
        if mistake.effect is Effect.REMARK:
            assert exercise.score == exercise.max_score, student
            assert any(v.remark for v in exercise.verdicts), f"{student} earns a remark"
        else:
            assert exercise.score < exercise.max_score, student
            named = {v.mistake for v in exercise.verdicts if not v.passed}
            assert student in named, (student, named)


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_mistakes_and_hints_that_tell_no_line_of_the_solution(name, authored):
    one = authored[name]
    for exercise in one.assignment.exercises:
        if not exercise.variants:
            assert len(one.mistakes_of(exercise)) >= LEAST_MISTAKES, exercise.id
    lines = {line.strip() for line in one.source.splitlines() if len(line.strip()) > 12}
    stub = {line.strip() for line in demo_sources(one, ROOT)[STUB].splitlines()}
    for mistake in one.mistakes:
        for line in lines - stub:
            assert line not in mistake.hint, mistake.id


@pytest.mark.parametrize("name", NAMES)
def test_what_is_released_is_what_solutions_give(name, authored):
    assert differences(authored[name], ROOT) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_released_holds_a_line_of_the_solution(name, authored):
    one = authored[name]
    files = released(one, ROOT)
    stub = {line.strip() for line in files[one.assignment.file].decode().splitlines()}
    solution = {line.strip() for line in one.source.splitlines() if len(line.strip()) > 16} - stub
    assert solution
    for file, data in files.items():
        text = data.decode("utf-8")
        for line in solution:
            assert line not in text, (file, line)


@pytest.mark.parametrize("name", NAMES)
def test_a_key_is_the_same_for_the_same_seed_and_its_hidden_cases_are_not_for_another(name, authored, keys):
    assert dump_key(build_key(authored[name], SEED)) == dump_key(keys[name])
    other = build_key(authored[name], b"another seed")
    drawn = [
        (a.id, c.id)
        for a, b in zip(keys[name].exercises, other.exercises, strict=True)
        for c, d in zip(a.cases, b.cases, strict=True)
        if (msgspec.structs.asdict(c)["visible"] and dump(c) != dump(d))
    ]
    assert drawn == [], "visible cases do not depend on the secret seed"
    if name != "two_by_two":
        assert dump_key(other) != dump_key(keys[name])


def dump(case):
    from grader.wire import pack

    return pack(case.inputs)
