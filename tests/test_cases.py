"""A case's fingerprint changes when anything changes that its verdict rests on, and by nothing else."""

from pathlib import Path

import msgspec
import pytest

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.gradebook.cases import case_hashes
from grader.keyfile import dump_key, load_key
from grader.wire import pack

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", params=["affine", "two_by_two"])
def key(request):
    return build_key(load_assignment(ROOT, request.param), b"seed")


def changed(before, after):
    old, new = case_hashes(before), case_hashes(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def edited(key, number, **changes):
    """The key with one exercise changed."""
    exercises = list(key.exercises)
    exercises[number] = msgspec.structs.replace(exercises[number], **changes)
    return msgspec.structs.replace(key, exercises=exercises)


def with_case(key, number, place, **changes):
    """The key with one case changed."""
    cases = list(key.exercises[number].cases)
    cases[place] = msgspec.structs.replace(cases[place], **changes)
    return edited(key, number, cases=cases)


def all_of(exercise):
    return {(exercise.id, c.id) for c in exercise.cases}


def test_every_case_has_a_fingerprint_that_lasts(key):
    hashes = case_hashes(key)
    assert hashes.keys() == {pair for e in key.exercises for pair in all_of(e)}
    assert hashes == case_hashes(load_key(dump_key(key), "key"))
    assert len(set(hashes.values())) == len(hashes)


def test_another_seed_changes_drawn_cases_and_what_hangs_on_them():
    authored = load_assignment(ROOT, "activations")
    key, other = build_key(authored, b"seed"), build_key(authored, b"other seed")
    pairs = {(e.id, c.id): c for e in key.exercises for c in e.cases}
    others = {(e.id, c.id): c for e in other.exercises for c in e.cases}
    drawn = {pair for pair, case in pairs.items() if pack(case) != pack(others[pair])}
    hanging = {pair for e in key.exercises if e.forward for pair in all_of(e)}  # a failing forward changes its backward
    assert drawn and not any(pairs[pair].visible for pair in drawn)
    assert changed(key, other) == drawn | hanging


def test_titles_points_and_weights_change_nothing(key):
    for number, exercise in enumerate(key.exercises):
        doubled = {name: 2 * points for name, points in exercise.points.items()}
        weights = {name: 3 * weight for name, weight in exercise.groups.items()}
        assert changed(key, edited(key, number, title="T", source="S", points=doubled, groups=weights)) == set()


def test_a_changed_case_changes_itself_and_what_builds_on_its_exercise(key):
    for number, exercise in enumerate(key.exercises):
        moved = changed(key, with_case(key, number, -1, inputs={"other": 1.0}))
        own = {(exercise.id, exercise.cases[-1].id)}
        building = {e.id for e in key.exercises if e.forward == exercise.id} | {
            e.id
            for e in key.exercises
            for c in e.cases
            for check in c.checks.values()
            if exercise.id in [a for a in getattr(check, "args", []) if isinstance(a, str)]
        }
        assert own <= moved
        assert {e for e, _case in moved - own} <= building
        for name in building - {exercise.id}:
            assert any(e == name for e, _case in moved)


def test_an_output_that_is_worth_nothing_any_more_counts_otherwise(key):
    for number, exercise in enumerate(key.exercises):
        worthless = edited(key, number, points=dict.fromkeys(exercise.points, 0.0))
        assert all_of(exercise) <= changed(key, worthless)


@pytest.mark.parametrize(
    "changes",
    [
        {"mistakes": []},
        {"shape_credit": 0.25},
        {"float32": False},
        {"changes_inputs": "loses_marks"},
        {"file": "other.py"},
        {"returns": "dict"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_how_an_exercise_is_judged_changes_all_its_cases(key, changes):
    for number, exercise in enumerate(key.exercises):
        if getattr(exercise, next(iter(changes))) != next(iter(changes.values())):
            assert all_of(exercise) <= changed(key, edited(key, number, **changes))


def test_an_earlier_assignments_exercise_changes_those_that_need_it():
    key = build_key(load_assignment(ROOT, "network"), b"seed")
    first = key.required[0]
    cases = [msgspec.structs.replace(first.cases[0], inputs={}), *first.cases[1:]]
    other = msgspec.structs.replace(key, required=[msgspec.structs.replace(first, cases=cases), *key.required[1:]])
    assert {e for e, _case in changed(key, other)} == {e.id for e in key.exercises if first.id in e.requires}


def test_hints_and_the_ladder_change_nothing(key):
    exercise = key.exercises[0]
    known = [msgspec.structs.replace(m, name="other", hint="other", see="other") for m in exercise.mistakes]
    changes = {"mistakes": known, "see": "other", "hidden_steps": 1, "ladder": []}
    assert set() == changed(key, edited(key, 0, **changes))


def test_another_known_mistake_changes_all_cases(key):
    exercise = key.exercises[0]
    other = [msgspec.structs.replace(exercise.mistakes[0], id="other"), *exercise.mistakes[1:]]
    assert all_of(exercise) <= changed(key, edited(key, 0, mistakes=other))
