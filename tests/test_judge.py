"""Points come from verdicts: by named output and by group of cases, and nothing else."""

import msgspec
import numpy as np
import pytest

from grader.judging.judge import MAX_ENTRIES, judge_exercise, judge_submission, max_score, without_grade
from grader.model import (
    AnswerKey,
    Effect,
    Finding,
    Follows,
    KeyCase,
    KeyExercise,
    KeyMistake,
    Limits,
    Loaded,
    Outcome,
    OutcomeKind,
    Raised,
    Return,
    Shape,
    Status,
    Submission,
    Within,
)
from grader.plan import Plan, Result

PLAN = Plan((), Result("answer"))
DX, DW, DB = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0]), np.array(7.0)
RIGHT = {"dx": DX, "dw": DW, "db": DB}
POINTS = {"dx": 4.0, "dw": 3.0, "db": 1.0}


def case(name, group="values", visible=False):
    doubled = Return({k: 2 * v for k, v in RIGHT.items()})
    checks = {k: Within(v, 1e-6) for k, v in RIGHT.items()}
    return KeyCase(name, name, visible, group, {}, PLAN, checks, {"doubles": [doubled]})


def exercise(cases, groups=None, points=None, **more):
    groups = groups or dict.fromkeys((c.group for c in cases), 1.0)
    mistakes = [KeyMistake("doubles", "it is doubled", "Once is enough.")]
    return KeyExercise("f", "F", "f()", "", Shape.TUPLE, points or POINTS, groups, cases, mistakes, **more)


def returned(dx=DX, dw=DW, db=DB, **more):
    return Outcome(OutcomeKind.RETURNED, [dx, dw, db], **more)


def raised(kind, message="", frames=((3, "f"),)):
    return Outcome(OutcomeKind.RAISED, error=Raised(kind, "builtins", message, list(frames)))


TWO = exercise([case("shown", visible=True), case("drawn")])


def judged(outcomes, of=TWO, **more):
    return judge_exercise(of, outcomes, "layers.py", **more)


# --------------------------------------------------------------------------------------- points


def test_all_right_is_full_marks():
    grade = judged([returned(), returned()])
    assert (8.0, 8.0, OutcomeKind.RETURNED, None) == (grade.score, grade.max_score, grade.outcome, grade.message)
    assert all(v.passed for v in grade.verdicts)
    assert [] == grade.evidence


@pytest.mark.parametrize(
    ("wrong", "score"),
    [({"dx": DX + 1}, 4.0), ({"dw": DW + 1}, 5.0), ({"db": DB + 1}, 7.0), ({"dx": DX + 1, "dw": None}, 1.0)],
)
def test_each_output_has_its_own_points(wrong, score):
    assert score == judged([returned(**wrong), returned(**wrong)]).score


def test_an_output_is_right_only_where_it_is_right_in_every_case_of_its_group():
    assert 4.0 == judged([returned(), returned(dx=DX + 1)]).score
    assert 4.0 == judged([returned(dx=DX + 1), returned()]).score


def test_groups_share_an_outputs_points_by_their_weights():
    cases = [case("flat"), case("images", "images"), case("more", "images")]
    of = exercise(cases, {"values": 3.0, "images": 1.0})
    assert 8.0 * 3 / 4 == judged([returned(), returned(), raised("ValueError")], of).score
    assert 8.0 * 1 / 4 == judged([raised("ValueError"), returned(), returned()], of).score
    assert 8.0 - 4.0 / 4 == judged([returned(), returned(dx=DX + 1), returned()], of).score


def test_thirds_of_points_add_up_to_full_marks():
    cases = [case(g, g) for g in ("a", "b", "c")]
    of = exercise(cases, points={"dx": 1.0, "dw": 0.1, "db": 0.7})
    assert judged([returned()] * 3, of).score == judged([returned()] * 3, of).max_score == 1.8
    assert 1.2 == judged([returned(), returned(), raised("ValueError")], of).score


def test_an_output_without_points_costs_nothing():
    of = exercise(TWO.cases, points={"dx": 4.0, "dw": 0.0, "db": 0.0})
    assert 4.0 == judged([returned(dw=None, db=0), returned(dw=None, db=0)], of).score


def test_a_wrong_shape_with_right_values_keeps_the_shapes_credit():
    of = msgspec.structs.replace(TWO, shape_credit=0.5)
    flat = returned(dw=DW.reshape(2, 1))
    assert 8.0 - 1.5 == judged([flat, flat], of).score
    assert 8.0 - 1.5 == judged([flat, returned()], of).score, "the least credit of the group's cases counts"
    assert 5.0 == judged([flat, returned(dw=DW + 1)], of).score
    assert 5.0 == judged([flat, flat]).score


def test_a_changed_input_is_a_remark_or_costs_as_the_author_says():
    changed = returned(changed=["dout"])
    assert 8.0 == judged([changed, changed]).score
    grade = judged([changed, changed], msgspec.structs.replace(TWO, changes_inputs=Effect.LOSES_MARKS))
    assert 0.0 == grade.score
    assert "you modified dout in place: the caller's own array has changed" == grade.message


def test_follow_through_earns_its_credit():
    follow = Follows(np.array([[2.0]]), 1e-6, "times_transposed", ["earlier", np.array([[2.0]])], 0.5)
    own = KeyCase("one", "", True, "values", {}, PLAN, {"y": follow})
    of = KeyExercise("f", "F", "f()", "", Shape.ONE, {"y": 4.0}, {"values": 1.0}, [own])
    outcome = Outcome(OutcomeKind.RETURNED, [[6.0]])
    assert 2.0 == judged([outcome], of, answers={"one": {"earlier": [[3.0]]}}).score
    assert 0.0 == judged([outcome], of, answers={"another": {"earlier": [[3.0]]}}).score
    assert 0.0 == judged([outcome], of).score


# --------------------------------------------------------------------------------- not attempted


NONE = returned(None, None, None)


def test_a_stub_is_not_attempted():
    grade = judged([NONE, NONE])
    assert (0.0, OutcomeKind.NOT_ATTEMPTED, "not attempted yet") == (grade.score, grade.outcome, grade.message)
    assert {Finding.NOT_ATTEMPTED} == {v.finding for v in grade.verdicts}
    assert {None} == {v.mistake for v in grade.verdicts}


def test_a_function_that_returns_nothing_at_all_is_asked_for_its_return():
    grade = judged([Outcome(OutcomeKind.RETURNED)] * 2)
    assert OutcomeKind.NOT_ATTEMPTED is grade.outcome
    assert "nothing is returned: is the return line missing?" == grade.message


def test_a_stub_that_returns_its_inputs_for_no_points_is_not_attempted_and_no_verdict_contradicts_itself():
    of = exercise(TWO.cases, points={"dx": 4.0, "dw": 3.0, "db": 0.0})
    stub = returned(None, None, DB)
    grade = judged([stub, stub], of)
    assert (0.0, OutcomeKind.NOT_ATTEMPTED) == (grade.score, grade.outcome)
    for verdict in grade.verdicts:
        assert not (verdict.passed and verdict.finding), verdict


def test_one_output_computed_is_an_attempt():
    partly = returned(dx=DX, dw=None, db=None)
    grade = judged([partly, partly])
    assert (4.0, OutcomeKind.RETURNED, "dw: is None") == (grade.score, grade.outcome, grade.message)


def test_an_attempt_in_one_case_alone_is_an_attempt():
    assert OutcomeKind.RETURNED is judged([NONE, returned()]).outcome


@pytest.mark.parametrize(
    "error",
    [
        raised("NameError", "name 'dw' is not defined", [(2, "outer"), (7, "f")]),
        raised(
            "UnboundLocalError", "cannot access local variable 'dw' where it is not associated with a value", [(7, "f")]
        ),
    ],
)
def test_an_output_that_was_never_computed_is_unfinished_work_and_no_crash(error):
    grade = judged([error, error])
    assert (OutcomeKind.NOT_ATTEMPTED, "not finished yet: dw has no value in line 7") == (grade.outcome, grade.message)
    assert {Finding.NOT_ATTEMPTED} == {v.finding for v in grade.verdicts}


def test_a_name_that_is_no_output_is_an_exception():
    grade = judged([raised("NameError", "name 'nump' is not defined")] * 2)
    assert (OutcomeKind.RAISED, "raised NameError in line 3: name 'nump' is not defined") == (
        grade.outcome,
        grade.message,
    )


def test_another_exception_that_names_an_output_is_an_exception():
    assert OutcomeKind.RAISED is judged([raised("ValueError", "'dw' is wrong")] * 2).outcome


# ------------------------------------------------------------------- the word and the sentence


@pytest.mark.parametrize(
    "kind",
    [
        OutcomeKind.TIMED_OUT,
        OutcomeKind.OUT_OF_MEMORY,
        OutcomeKind.OUTPUT_LIMIT,
        OutcomeKind.CRASHED,
        OutcomeKind.MALFORMED,
    ],
)
def test_a_case_that_ended_badly_is_the_exercises_outcome(kind):
    grade = judged([returned(), Outcome(kind, detail="what happened")])
    assert (0.0, kind, "what happened") == (grade.score, grade.outcome, grade.message)


def test_the_first_case_that_ended_badly_counts():
    grade = judged([Outcome(OutcomeKind.TIMED_OUT, detail="slow"), raised("ValueError")])
    assert (OutcomeKind.TIMED_OUT, "slow") == (grade.outcome, grade.message)


def test_the_sentence_is_of_the_first_output_that_failed_and_names_it_once():
    wrong = returned(dw=DW + [0, 1])
    grade = judged([wrong, wrong])
    assert "dw: 1 of 2 entries differ; the farthest off is at [1]: expected 6, got 7" == grade.message
    hidden = judged([returned(), wrong])
    assert "dw has wrong values" == hidden.message


def test_a_known_mistake_is_named_in_every_failed_verdict_of_the_outputs_it_explains():
    doubled = returned(2 * DX, 2 * DW, 2 * DB)
    grade = judged([doubled, doubled])
    assert {("doubles", "it is doubled. Once is enough.")} == {(v.mistake, v.hint) for v in grade.verdicts}


# --------------------------------------------------------------------------------------- evidence


def test_evidence_is_kept_of_visible_cases_that_failed_alone():
    wrong = returned(dw=DW + 1)
    (shown,) = judged([wrong, wrong]).evidence
    assert ("shown", "dw", 1e-6) == (shown.case, shown.output, shown.tolerance)
    np.testing.assert_array_equal(DW + 1, shown.returned)
    np.testing.assert_array_equal(DW, shown.expected)


def test_evidence_is_bounded():
    large = returned(dw=np.zeros(MAX_ENTRIES + 1), dx="x" * 4000, db=np.zeros((2**20, 0)))
    assert [] == judged([large, large]).evidence


def test_what_was_printed_is_cut_and_that_of_hidden_cases_is_not_there():
    visible = returned(printed="p" * 5000)
    assert "p" * 1000 == judged([visible, returned()]).printed


def test_the_trace_is_of_the_first_visible_case_that_raised():
    error = raised("ValueError", "text", [(i, f"f{i}") for i in range(1, 9)])
    grade = judged([error, raised("KeyError")])
    assert [f"layers.py:{i} in f{i}" for i in range(4, 9)] == grade.trace
    assert [] == judged([returned(), error]).trace


# -------------------------------------------------------------------------------- the submission


KEY = AnswerKey(
    assignment="a", title="A", file="layers.py", grader="", hidden=True, limits=Limits(), exercises=[TWO, TWO]
)
SUBMISSION = Submission("jdoe", {"b.py": b"", "a.py": b""}, "a.py", "ff", remarks=["cell 3 was left out"])


def test_a_grade_is_the_sum_of_its_exercises():
    exercises = [judged([returned(), returned()]), judged([NONE, NONE])]
    grade = judge_submission(KEY, SUBMISSION, Loaded(), exercises)
    assert (8.0, 16.0, Status.GRADED) == (grade.score, grade.max_score, grade.status)
    assert ("jdoe", ["a.py", "b.py"], "ff") == (grade.id, grade.files, grade.sha256)
    assert ["cell 3 was left out"] == grade.remarks


def test_an_unreadable_submission_has_no_marks_and_an_ungraded_one_no_mark():
    unreadable = without_grade(KEY, SUBMISSION, Status.UNREADABLE, "why")
    ungraded = without_grade(KEY, SUBMISSION, Status.UNGRADED, "our fault")
    assert (0.0, 16.0, "why") == (unreadable.score, unreadable.max_score, unreadable.message)
    assert (None, 16.0, "our fault") == (ungraded.score, ungraded.max_score, ungraded.message)
    assert [] == unreadable.exercises == ungraded.exercises
    assert 16.0 == max_score(KEY)


def remarks(loaded):
    own = msgspec.structs.replace(SUBMISSION, remarks=[])
    return judge_submission(KEY, own, loaded, []).remarks


def test_lines_that_were_left_out_are_told_by_number_and_not_by_what_they_said():
    broken = [Raised("ValueError", "builtins", "secret", [(12, "<module>")]), Raised("ValueError", "x", "secret")]
    told = ["layers.py:12: this line outside any function raised and was left out"]
    assert told == remarks(Loaded(broken=broken))


def test_a_missing_module_is_no_remark():
    assert [] == remarks(Loaded(broken=[Raised("ModuleNotFoundError", "builtins", "torch", [(1, "<module>")])]))
    assert [] == remarks(None)


def test_a_file_that_did_not_end_is_told():
    told = ["layers.py as a whole took too long, so only its definitions, imports and constants were used"]
    assert told == remarks(Loaded(definitions_only=True, ended="took too long"))


def test_remarks_are_few_whatever_a_worker_says():
    broken = [Raised("ValueError", "builtins", "", [(i, "<module>")]) for i in range(1000)]
    assert 10 >= len(remarks(Loaded(broken=broken)))
