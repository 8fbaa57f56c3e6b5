"""Every suite of the course is proven; weak copies and an author's errors are refused, and told what got through."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.course import assignment_names, load_assignment
from grader.authoring.key import build_key
from grader.errors import AuthorError, UsageError
from grader.keyfile import proof_hash
from grader.model import Effect
from grader.proof.equivalents import GENERATED
from grader.proof.prove import proof_of
from grader.proof.report import proofs_json, proofs_text

ROOT = Path(__file__).resolve().parent.parent
NAMES = assignment_names(ROOT)
SOAK = bool(os.environ.get("GRADER_SOAK"))
SEEDS = [f"seed {n}".encode() for n in range(3 if SOAK else 1)]


@pytest.fixture(scope="module")
def authored():
    return {name: load_assignment(ROOT, name) for name in NAMES}


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_the_suite_of_an_assignment_is_proven(name, seed, authored, zygote):
    key = build_key(authored[name], seed)
    proof = proof_of(authored[name], key, zygote, generated=GENERATED if SOAK else GENERATED // 10)
    assert [] == [f"{p.where}: {p.what}" for p in proof.problems]
    assert {e.id for e in authored[name].assignment.exercises} == {e.id for e in proof.exercises}
    assert all(len(e.right) >= 3 for e in proof.exercises)
    assert max(r.margin for e in proof.exercises for r in e.right) <= 0.1
    wrong = [m.margin for e in proof.exercises for m in e.mistakes if m.effect is Effect.LOSES_MARKS]
    assert min(wrong) >= 100
    assert len(proof.mutants) > 50 * len(proof.exercises) / 4
    assert proof.proof == (proof_hash(key) if SOAK else "")
    naming = proof.naming
    assert 0 == naming.falsely
    assert {m.id for e in proof.exercises for m in e.mistakes if m.effect is Effect.LOSES_MARKS} == set(
        twins_of(authored[name])
    )
    assert naming.twins_named >= 0.95 * naming.twins == 0.95 * len(wrong)
    assert naming.pairs_named >= 0.95 * naming.pairs
    assert naming.others > len(proof.mutants) / 2


def twins_of(authored):
    """The ids of the mistakes that lose marks and have a twin."""
    wrong = [m for m in authored.mistakes if m.effect is Effect.LOSES_MARKS]
    return [m.id for m in wrong if m.wrong.__name__ in authored.twins]


# ------------------------------------------------------------------------------------ weak copies


def weak(authored, exercise, change):
    """The assignment with the cases of one exercise changed; `change` takes a case and returns one, or None."""
    whole = next(e for e in authored.assignment.exercises if e.id == exercise)
    visible = [c for c in map(change, whole.visible) if c]
    hidden = [c for c in map(change, whole.hidden) if c]
    return with_exercise(authored, dataclasses.replace(whole, visible=visible, hidden=hidden, groups={}))


def with_exercise(authored, exercise):
    """The assignment with one exercise replaced."""
    exercises = [exercise if e.id == exercise.id else e for e in authored.assignment.exercises]
    return dataclasses.replace(authored, assignment=dataclasses.replace(authored.assignment, exercises=exercises))


def prove_one(authored, exercise, zygote):
    """A proof of one exercise, against a key of it and those that call the same functions."""
    own = next(e for e in authored.assignment.exercises if e.id == exercise)
    near = [e for e in authored.assignment.exercises if set(own.plan.targets()) & set(e.plan.targets())]
    few = dataclasses.replace(authored.assignment, exercises=near, points=None)
    key = build_key(dataclasses.replace(authored, assignment=few), b"weak")
    return proof_of(authored, key, zygote, exercises=[exercise], generated=10)


def without(*ids):
    """Leave out cases."""
    return lambda case: None if case.id in ids else case


def keep(*ids):
    """Leave out all other cases."""
    return lambda case: case if case.id in ids else None


def redrawn(**changes):
    """Change inputs by name; the worked numbers of the page no longer hold."""

    def change(case):
        def draw(rng):
            inputs = dict(case.inputs(rng) if callable(case.inputs) else case.inputs)
            for name, function in changes.items():
                inputs[name] = function(inputs[name])
            return inputs

        return dataclasses.replace(case, inputs=draw, expect=None)

    return change


def ones(array):
    """Ones in the same shape; of a dict in all of its members."""
    if isinstance(array, dict):
        return {name: ones(value) for name, value in array.items()}
    return np.ones_like(np.asarray(array, dtype=float))


def square(array):
    """As many rows as columns, three of each, all different."""
    return np.sin(1.0 + np.arange(9.0) * np.size(array)).reshape(3, 3)


IMAGES = ("images", "matrices", "rgb", "one_image")
WEAK = {
    "affine, cases of images removed": (
        "affine",
        "affine_backward",
        without(*IMAGES),
        "dx_not_reshaped gets full marks",
    ),
    "affine, w of ones only": ("affine", "dL_dX", redrawn(w=ones), "in every case all entries of w are equal"),
    "affine, square shapes only": (
        "affine",
        "dL_dW",
        keep("two_by_two", "sizes_equal"),
        "in every case two sizes of x are equal",
    ),
    "derivatives, the case of integers removed": (
        "derivatives",
        "numerical_gradient",
        without("integers"),
        "point_keeps_dtype_of_x gets full marks",
    ),
    "derivatives, dY/dw of ones only": (
        "derivatives",
        "chain_rule",
        redrawn(dY_dw=ones),
        "in every case all entries of dY_dw are equal",
    ),
    "derivatives, square shapes only": (
        "derivatives",
        "chain_rule",
        redrawn(dL_dY=square, dY_dw=lambda array: square(array) ** 2),
        "in every case two sizes of dY_dw are equal",
    ),
    "activations, the cases of far scores removed": (
        "activations",
        "softmax_forward",
        without("far", "far_rows"),
        "not_shifted gets full marks",
    ),
    "activations, dout of ones only": (
        "activations",
        "relu_backward",
        redrawn(dout=ones),
        "relu_without_dout gets full marks",
    ),
    "activations, square shapes only": (
        "activations",
        "softmax_forward",
        redrawn(x=square),
        "in every case two sizes of x are equal",
    ),
    "network, a case of large scores removed": (
        "network",
        "cross_entropy_loss",
        without("far_apart"),
        "logarithm_of_zero gets full marks",
    ),
    "network, params of ones only": (
        "network",
        "network_forward",
        redrawn(params=ones),
        "in every case all entries of params[w1] are equal",
    ),
    "network, square shapes only": (
        "network",
        "squared_loss",
        redrawn(y=square, target=lambda array: square(array) ** 2),
        "in every case two sizes of y are equal",
    ),
    "two_by_two, W of ones only": (
        "two_by_two",
        "dL_dX_variant",
        redrawn(W=ones),
        "in every case of variant 0 all entries of W are equal",
    ),
    "two_by_two, a symmetric W only": (
        "two_by_two",
        "dL_dX_variant",
        redrawn(W=lambda w: w + w.T),
        "in every case of variant 0 W is its own transpose",
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_copy_is_told_what_got_through(name, authored, zygote):
    assignment, exercise, change, expected = WEAK[name]
    poor = weak(authored[assignment], exercise, change)
    proof = prove_one(poor, exercise, zygote)
    told = [p.what for p in proof.problems if p.what.startswith(f"{exercise}: ") and expected in p.what]
    assert told, [p.what for p in proof.problems]
    assert not proof.holds
    assert proof.proof == ""


def test_an_exercise_that_is_always_square_needs_a_reason(authored, zygote):
    whole = next(e for e in authored["two_by_two"].assignment.exercises if e.id == "dL_dX_variant")
    poor = with_exercise(authored["two_by_two"], dataclasses.replace(whole, degenerate={}))
    told = [p.what for p in prove_one(poor, "dL_dX_variant", zygote).problems]
    assert any("in every case of variant 0 two sizes of W are equal" in what for what in told), told


def test_a_suite_without_any_case_is_refused(authored):
    with pytest.raises(AuthorError, match="dL_dX_variant has no case; it takes one to tell right from wrong"):
        weak(authored["two_by_two"], "dL_dX_variant", without("own_numbers"))


# ------------------------------------------------------------------------------- an author's errors


def problems(course, zygote, seed=b"secret", **more):
    """What a proof of the small course has to say."""
    return [
        f"{p.where}: {p.what}" for p in proof_of(course.load(), course.key(seed), zygote, generated=50, **more).problems
    ]


def add(course, file, text):
    """Write one more file of the small course."""
    (course.folder / file).write_text("from grader.authoring import Correct, Equivalent\n\n" + text, "utf-8")


def test_the_small_course_is_proven(course, zygote):
    assert [] == problems(course, zygote)


def test_a_mistake_that_is_right_after_all_is_told(course, zygote):
    course.edit("mistakes.py", "return x**2 + x", "return x + x")
    line = course.line("mistakes.py", 'Mistake("double", squared')
    assert [
        f"solutions/small/mistakes.py:{line}: double: squared gets full marks: add a case that tells it from a right "
        "answer, or take it out"
    ] == problems(course, zygote)


def test_a_mistake_that_declares_a_remark_and_loses_marks_is_told(course, zygote):
    course.edit("mistakes.py", 'Mistake("double", halved,', 'Mistake("double", halved, effect=Effect.REMARK,')
    course.edit("mistakes.py", "import Mistake", "import Effect, Mistake")
    line = course.line("mistakes.py", "halved, effect")
    told = problems(course, zygote)
    assert told[0].startswith(
        f"solutions/small/mistakes.py:{line}: double: halved loses marks, and is declared to earn a remark: "
    )


def test_a_mistake_that_declares_a_remark_and_earns_none_is_told(course, zygote):
    course.edit("mistakes.py", "return x / 2", "return x + x")
    course.edit("mistakes.py", 'Mistake("double", halved,', 'Mistake("double", halved, effect=Effect.REMARK,')
    course.edit("mistakes.py", "import Mistake", "import Effect, Mistake")
    assert problems(course, zygote)[0].endswith("halved is declared to earn a remark, and earns none")


def test_two_mistakes_that_do_the_same_are_told(course, zygote):
    course.edit("mistakes.py", "return x / 2", "return x**2 + x")
    told = problems(course, zygote)
    assert 2 == len(told)
    assert told[0].endswith(
        "double: squared is not recognised (nothing is named): which other mistake does the same in every case?"
    )


def test_a_mistake_too_near_to_what_is_right_is_told(course, zygote):
    course.edit("mistakes.py", "return x / 2", "return 2.0001 * x")
    told = problems(course, zygote)
    assert 1 == len(told)
    assert "double: halved lies " in told[0]
    assert "tolerances off in its worst case; expected 100 at least: add a case on which it is farther off" in told[0]


def test_a_hint_that_holds_a_line_of_the_solution_is_told(course, zygote):
    course.edit("work.py", "    y = 2 * x\n", "    doubled = 2 * x\n    y = doubled\n")
    course.edit("mistakes.py", 'hint="More or less than x?"', 'hint="Write doubled = 2 * x here."')
    line = course.line("mistakes.py", 'Mistake("double", halved')
    assert [
        f"solutions/small/mistakes.py:{line}: double: the hint of halved holds line 14 of solutions/small/work.py: "
        "doubled = 2 * x"
    ] == problems(course, zygote)


def test_a_mutant_that_got_through_is_told_with_its_line(course, zygote):
    hidden = 'hidden=[Case("drawn", "any numbers", lambda rng: {"x": rng.normal(size=3)})]'
    course.edit("cases.py", hidden, 'degenerate={"x constant": "for a test", "y constant": "for a test"}')
    course.edit("cases.py", "[1, 1]", "[2, 2]")
    course.edit("cases.py", '"y": [2, 2]', '"y": [4, 4]')
    assert [
        "solutions/small/work.py:14: double: no case of double tells 'y = 2 + x' from 'y = 2 * x'; add one that does, "
        "or mark it in equivalent.py with the reason"
    ] == problems(course, zygote)


def test_a_stale_reason_for_a_symmetry_is_told(course, zygote):
    course.edit("cases.py", "oracle=lambda x: x + x,", 'oracle=lambda x: x + x, degenerate={"x zeros": "for a test"},')
    line = course.line("cases.py", "DOUBLE = ")
    assert [
        f"solutions/small/cases.py:{line}: double: degenerate says 'x zeros', and a case breaks that; take it out"
    ] == problems(course, zygote)


def test_a_stub_that_earns_something_is_told(course, zygote):
    course.edit("work.py", "    y = None\n", "    y = x + x\n")
    assert any(
        "the stub gets 2 points in double and is told as returned; expected 0 and not_attempted" in t
        for t in problems(course, zygote)
    )


def test_a_solution_that_nobody_calls_is_told(course, zygote):
    text = (course.folder / "work.py").read_text("utf-8")
    (course.folder / "work.py").write_text(
        text + "\n\ndef other(x):\n    # BEGIN SOLUTION\n    y = 3 * x\n    # END SOLUTION\n    return y\n", "utf-8"
    )
    line = course.line("work.py", "y = 3 * x")
    assert [
        f"solutions/small/work.py:{line}: other has a solution, and no exercise calls it; take the markers out, or add "
        "an exercise"
    ] == problems(course, zygote)


def test_mutants_that_do_not_end_are_killed(course, zygote):
    course.edit("cases.py", '"work.py", [DOUBLE]', '"work.py", [DOUBLE], limits=Limits(wall=0.2)')
    course.edit("cases.py", "Exercise, call\n", "Exercise, call\nfrom grader.model import Limits\n")
    course.edit(
        "work.py",
        "    y = 2 * x\n",
        "    y = 0 * x\n    n = 0\n    while n != 2:\n        y = y + x\n        n += 1\n",
    )
    proof = proof_of(course.load(), course.key(), zygote, generated=10)
    endless = [m for m in proof.mutants if m.after in ("pass", "n -= 1") and m.before == "n += 1"]
    assert 2 == len(endless)
    assert all(m.killed_by == ["double/ones", "double/drawn"] for m in endless)


def test_an_unknown_exercise_is_refused(course, zygote):
    with pytest.raises(UsageError, match=r"^triple: expected one of small's exercises \(double\)$"):
        problems(course, zygote, exercises=["triple"])


# --------------------------------------------------------------------------------- equivalent edits

COPIED = 'EQUIVALENT = [Equivalent("double", ["{edit}"], reason="for a test")]\n'


def equivalent(course, edit):
    add(course, "equivalent.py", COPIED.format(edit=edit))


@pytest.fixture
def doubling(course):
    """The small course with a solution that has an equivalent edit: x * 2 and the element-wise copy of x times 2."""
    course.edit("work.py", '"""Twice a number."""\n', '"""Twice a number."""\n\nimport numpy as np\n')
    course.edit("work.py", "    y = 2 * x\n", "    y = np.array(x) * 2\n")
    return course


def test_an_equivalent_edit_has_to_be_marked(doubling, zygote):
    told = problems(doubling, zygote)
    assert 1 == len(told)
    assert "no case of double tells 'y = x * 2' from 'y = np.array(x) * 2'" in told[0]
    equivalent(doubling, "y = x * 2")
    assert [] == problems(doubling, zygote)


def test_a_mark_on_a_killed_mutant_is_stale(course, zygote):
    equivalent(course, "y = 3 * x")
    assert [
        "solutions/small/equivalent.py:3: double: 'y = 3 * x' is marked as equivalent, and is killed by double/ones, "
        "double/drawn; take the mark out"
    ] == problems(course, zygote)


def test_a_mark_on_nothing_is_stale(course, zygote):
    equivalent(course, "y = 7 * x")
    assert [
        "solutions/small/equivalent.py:3: double: 'y = 7 * x' is marked as equivalent, and there is no such mutant; "
        "take the mark out"
    ] == problems(course, zygote)


def test_a_mark_is_false_where_a_generated_input_tells_the_difference(course, zygote):
    course.edit("work.py", '"""Twice a number."""\n', '"""Twice a number."""\n\nimport numpy as np\n')
    course.edit("work.py", "    y = 2 * x\n", "    y = np.abs(x) + x\n")
    course.edit("cases.py", "oracle=lambda x: x + x,", "oracle=lambda x: abs(x) + x,")
    course.edit("cases.py", "rng.normal(size=3)", "rng.uniform(1, 2, size=3) * (-1 if rng.random() < 0.2 else 1)")
    assert any("tells 'y = x + x'" in told for told in problems(course, zygote)), "with this seed no entry is negative"
    equivalent(course, "y = x + x")
    told = problems(course, zygote)
    assert told[0].startswith(
        "solutions/small/equivalent.py:3: double: 'y = x + x' is marked as equivalent, and is not: case 'drawn' drawn "
        "with the seed "
    )
    assert "take the mark out and add such a case" in told[0]
    assert any("tells 'y = x + x'" in t for t in told[1:]), "and it has got through"


def test_a_mark_needs_a_name_of_the_reference(course):
    add(course, "equivalent.py", 'EQUIVALENT = [Equivalent("treble", ["y = x"], reason="for a test")]\n')
    with pytest.raises(AuthorError) as error:
        course.load()
    assert "solutions/small/equivalent.py:3: names 'treble', and solutions/small/work.py has no such name" == str(
        error.value
    )


# ----------------------------------------------------------------------------------- right answers


def right(course, body):
    add(
        course,
        "variants.py",
        f'def other(x):\n    """Another way."""\n    {body}\n\n\nVARIANTS = [Correct("another way", {{"double": other}})]\n',
    )


def test_a_right_answer_of_the_author_is_held_against_the_suite(course, zygote):
    right(course, "return x + x")
    proof = proof_of(course.load(), course.key(), zygote, generated=10)
    assert proof.holds
    assert "another way" in {r.title for r in proof.exercises[0].right}


def test_a_right_answer_that_is_wrong_is_refused(course):
    right(course, "return x * 2.5")
    with pytest.raises(
        AuthorError, match=r"case 'ones' of double: right answers \(the reference, another way\) do not agree"
    ):
        course.key()


def test_a_right_answer_that_raises_is_refused(course):
    right(course, "return y")
    with pytest.raises(AuthorError) as error:
        course.key()
    assert (
        "solutions/small/variants.py:8: the right answer (another way) raised NameError: name 'y' is not defined"
        == str(error.value)
    )


def test_a_right_answer_that_changes_its_input_is_told(course, zygote):
    right(course, "x *= 2; return x")
    told = problems(course, zygote)
    assert [
        "solutions/small/variants.py:8: double: a right answer (another way) earns a remark: you modified x in place: "
        "the caller's own array has changed"
    ] == told


@pytest.mark.parametrize(
    ("tolerance", "expected"),
    [("1e-9", "loses marks"), ("3e-7", "of the tolerance; expected 0.1 at most: the tolerance is too tight")],
)
def test_a_tolerance_that_is_too_tight_for_float32_is_told(tolerance, expected, course, zygote):
    course.edit("cases.py", "rng.normal(size=3)})", f"rng.normal(size=3)}}, tolerance={tolerance})")
    told = problems(course, zygote)
    assert any("double: a right answer (float32 throughout) l" in t and expected in t for t in told), told


# ------------------------------------------------------------------------------------------ reports


@pytest.fixture(scope="module")
def small(authored, zygote):
    """A proof that holds, of one small exercise, and one that does not."""
    good = weak(authored["affine"], "dL_db", lambda case: case)
    poor = weak(authored["affine"], "dL_db", redrawn(dL_dY=ones))
    return [prove_one(a, "dL_db", zygote) for a in (good, poor)]


def test_the_report_says_what_holds_and_what_does_not(small):
    good = "".join(proofs_text(small[:1]))
    assert good.endswith("all of it holds\n")
    assert "killed of" in good
    both = "".join(proofs_text(small))
    assert both.endswith("does not hold: affine\n")
    for problem in small[1].problems:
        assert f"  {problem.where}: {problem.what}" in both


def test_the_json_holds_the_same(small):
    table = json.loads("".join(proofs_json(small)))
    assert table["holds"] is False
    assert [True, False] == [not p["problems"] for p in table["proofs"]]
    proof = table["proofs"][0]
    assert proof["schema"] == "grader/proof/v1"
    assert {m["id"] for m in proof["mutants"]} == {m.id for m in small[0].mutants}
    assert {m["margin"] is None or m["margin"] >= 100 for m in proof["exercises"][0]["mistakes"]} == {True}


def test_the_same_proof_gives_the_same_bytes(authored, zygote, small):
    good = weak(authored["affine"], "dL_db", lambda case: case)
    again = prove_one(good, "dL_db", zygote)
    assert "".join(proofs_json([again])) == "".join(proofs_json(small[:1]))
