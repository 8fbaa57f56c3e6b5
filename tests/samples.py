"""Grades of every kind for the tests of reports: a student's own check and a class; and the same, hostile."""

import msgspec

from grader.model import (
    AnswerKey,
    Evidence,
    ExerciseGrade,
    Finding,
    Grade,
    KeyCase,
    KeyExercise,
    Limits,
    OutcomeKind,
    Place,
    Shape,
    Status,
    Times,
    Verdict,
)
from grader.plan import Plan, Result
from grader.reports.run import One, Run

HOSTILE = [
    "<script>alert(1)</script>",
    "]]><failure/>&amp;",
    "</system-out><testcase name='x'/>",
    "::error::pwned",
    "said\n::set-output name=score::100",
    "##[error]pwned",
    "##vso[task.setvariable]x",
    "\x1b[31mred\x1b]0;title\x07\x9b1m",
    "\u202eexe.txt\u2066\u200b",
    "nul\x00bell\x07\ufffe\uffff\ufdd0",
    "half \ud800 a character",
    "=cmd|' /C calc'!A0",
    "[[ATTACHMENT|/etc/passwd]]",
    "| a | b |\n| --- | --- |",
    "![x](https://example.org/x.png) [y](javascript:alert(1)) `code` ~~~ ``` **b** @all https://example.org",
    "$\\\\LaTeX$ <!-- comment --> &lt;b&gt;",
    "100%25%0A::error::x",
    "x" * 5000,
    "",
    " ",
    "a\r\nb\tc\x85d\u2028e",
]


def _case(id, visible):
    return KeyCase(id, f"Case {id}", visible, "main", {}, Plan((), Result("f")), {})


def _exercise(id, outputs, points):
    cases = [_case("worked", True), _case("not_square", False), _case("large", False)]
    return KeyExercise(id, f"The {id}", f"{id}(x)", "", Shape.TUPLE, dict.fromkeys(outputs, points), {"main": 1}, cases)


KEY = AnswerKey(
    assignment="affine",
    title="The affine layer",
    file="layers.py",
    grader="0.1.0",
    hidden=True,
    limits=Limits(),
    exercises=[
        _exercise("forward", ["out"], 4),
        _exercise("backward", ["dx", "dw"], 3),
        _exercise("bias", ["x1"], 2.5),
    ],
)
TIMES = Times(0.25, {"forward": [0.0104, 0.002, 0.001], "backward": [0.0005, 0.0306, 0.002], "bias": [2.0016, 0, 0]})


def verdict(output, case, finding=None, message=None, **more):
    passed = finding is None
    return Verdict(
        case=case,
        visible=case == "worked",
        output=output,
        passed=passed,
        credit=float(passed),
        finding=finding,
        message=message,
        **more,
    )


def exercise(id, score, verdicts, **more):
    full = {"forward": 4.0, "backward": 6.0, "bias": 2.5}[id]
    more.setdefault("outcome", OutcomeKind.RETURNED)
    more.setdefault("message", next((v.message for v in verdicts if not v.passed), None))
    return ExerciseGrade(id=id, score=score, max_score=full, verdicts=verdicts, **more)


def right(id):
    outputs = {"forward": ["out"], "backward": ["dx", "dw"], "bias": ["x1"]}[id]
    verdicts = [verdict(name, case) for case in ("worked", "not_square", "large") for name in outputs]
    return exercise(id, {"forward": 4.0, "backward": 6.0, "bias": 2.5}[id], verdicts, place=Place("layers.py", 1))


def wrong(said="dw[0, 1] is 20, expected 32", hint="Which of x and dout is transposed?", name="layers.py"):
    """dw is wrong, with a known mistake; the visible case shows its numbers, a hidden one does not."""
    verdicts = [
        verdict("dx", "worked", remark=said),
        verdict("dw", "worked", Finding.VALUES, said, mistake="no_transpose", hint=hint),
        verdict("dx", "not_square"),
        verdict("dw", "not_square", Finding.SHAPE, "dw has the wrong shape", mistake="no_transpose", hint=hint),
        verdict("dx", "large"),
        verdict("dw", "large", Finding.VALUES, "dw has wrong values", mistake="no_transpose", hint=hint),
    ]
    shown = [Evidence("worked", "dw", [[20.0, 20.0]], [[20.0, 32.0]], 1e-9)]
    return exercise("backward", 3.0, verdicts, evidence=shown, printed=said, place=Place(name, 30))


def raised(
    said="raised ValueError: shapes (2,3) and (2,3) in line 12", name="layers.py", trace="layers.py:12 in forward"
):
    verdicts = [
        verdict("out", "worked", Finding.RAISED, said),
        verdict("out", "not_square", Finding.RAISED, "raised ValueError in line 12"),
        verdict("out", "large", Finding.TIMED_OUT, "the function took more than 2 s"),
    ]
    more = {"outcome": OutcomeKind.RAISED, "printed": said, "trace": [trace], "place": Place(name, 12)}
    return exercise("forward", 0.0, verdicts, **more)


def untouched(id="bias"):
    verdicts = [verdict("x1", c, Finding.NOT_ATTEMPTED, "not attempted yet") for c in ("worked", "not_square", "large")]
    return exercise(id, 0.0, verdicts, outcome=OutcomeKind.NOT_ATTEMPTED, place=Place("layers.py", 50))


def blocked():
    told = "blocked by affine_forward in layers.py, which does not pass its own exercise yet: mend that first"
    verdicts = [verdict("x1", c, Finding.BLOCKED, told) for c in ("worked", "not_square", "large")]
    return exercise("bias", 0.0, verdicts, outcome=OutcomeKind.BLOCKED)


def grade(id, exercises=(), status=Status.GRADED, message=None, files=("layers.py",), remarks=()):
    score = {Status.GRADED: sum(e.score for e in exercises), Status.UNREADABLE: 0.0}.get(status)
    return Grade(
        id=id,
        files=list(files),
        sha256="0" * 64,
        status=status,
        score=score,
        max_score=12.5,
        message=message,
        remarks=list(remarks),
        exercises=list(exercises),
    )


class Graded(list):
    """A class's grades; each took as long as TIMES."""

    def timed(self):
        for one in self:
            yield one, TIMES


CLASS = Graded(
    [
        grade("ada", [right("forward"), right("backward"), right("bias")]),
        grade("bob", [raised(), wrong(), untouched()], remarks=["layers.py:3: this line outside any function raised"]),
        grade("cyd", [right("forward"), wrong(), blocked()]),
        grade("dan", status=Status.UNREADABLE, message="layers.py, line 1: invalid syntax\n    def f(:\n          ^"),
        grade("eve", status=Status.UNGRADED, message="our fault, not the student's: no worker"),
    ]
)
ENVIRON = {
    "CLASSROOM": "ml",
    "ASSIGNMENT": "affine",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "USERNAME": "bob",
    "MODE": "individual",
    "COMMIT_URL": "https://github.com/ml/affine-bob/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/ml/affine-bob/releases/tag/submit",
    "REVIEW_URL": "https://github.com/ml/affine-bob/compare/0...a1b2c3d",
    "GRADER_COMMITTED": "2026-06-01T16:33:11+02:00",
}
STARTED, ENDED = 1_780_324_391.5, 1_780_324_393.75


def visible(one):
    """A grade as a student's own check gives it: without the hidden cases."""
    exercises = [msgspec.structs.replace(e, verdicts=[v for v in e.verdicts if v.visible]) for e in one.exercises]
    return msgspec.structs.replace(one, exercises=exercises)


def run(grades, own=False, environ=ENVIRON, folder=""):
    return Run(KEY, grades, "c0ffee", own, STARTED, ENDED, folder, environ)


def own_check(one=None):
    return run(One(visible(one or CLASS[1]), TIMES), own=True, folder="work/affine")


def one_graded(one=None):
    return run(One(one or CLASS[1], TIMES), folder="work/affine")


def whole_class():
    return run(CLASS)


def hostile(text):
    """A submission with a text wherever a student can put one: names, messages, what was printed."""
    tried = [raised(text, text, text), wrong(text, text, text), untouched()]
    return grade(text, tried, message=text, files=[text], remarks=[text])


def hostile_runs(text):
    """Every kind of run over such a submission, and over one that could not be read."""
    bad = hostile(text)
    broken = grade(text, status=Status.UNREADABLE, message=text, files=[text])
    environ = dict.fromkeys([*ENVIRON, "GITHUB_REPOSITORY", "GITHUB_SHA"], text)
    for one in (bad, broken):
        yield run(One(visible(one), TIMES), own=True, folder=f"work/{text}", environ=environ)
        yield run(One(one, TIMES), folder=text, environ=environ)
    yield run(Graded([bad, broken, bad]), environ=environ)
