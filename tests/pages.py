"""A small class for the tests of pages: a key of three exercises and grades of many kinds, hostile ones among them."""

import numpy as np

from grader.authoring.formula import chain
from grader.model import (
    AnswerKey,
    Evidence,
    ExerciseGrade,
    Finding,
    Grade,
    Graph,
    KeyCase,
    KeyExercise,
    KeyMistake,
    Limits,
    Origin,
    OutcomeKind,
    Shape,
    Smallest,
    Status,
    Verdict,
    Within,
)
from grader.plan import Call, Input, Items, Plan, Result

HOSTILE = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=alert(1)>",
    "</title><b>bold</b>&amp;",
    '=HYPERLINK("http://example.org","x")',
    "\x1b[31mred\x1b[0m",
    "abc\u202egnp.exe",
    "line\u2028break\u2029and\x00null\x07bell",
    "[link](javascript:alert(1)) ![p](http://example.org/p.png) `code` *em* ~~~ # head",
    "{{ 7 * 7 }}{% raw %}",
    "\ud800 lone",
    "' onmouseover='x",
]
"""What a student might be called, raise or print."""

GRADIENTS = Call("answer", "affine_backward", (Input("dout"), Items((Input("x"), Input("w")))))
X, W, DOUT = (
    np.array([[0.0, 1.0], [2.0, 3.0]]),
    np.array([[1.0, 1.0], [1.0, 1.0]]),
    np.array([[2.0, 2.0], [10.0, 10.0]]),
)
SECRET = 987654321.125
"""Stands in hidden cases alone."""


def case(id, visible, checks, **inputs):
    return KeyCase(id, f"The case {id}", visible, "all", inputs, Plan((GRADIENTS,), Result("answer")), checks)


def make_key():
    """dx and dw of 6 points, a number of 2, and one more of 2."""
    right = {"dx": Within(DOUT @ W.T, 1e-6), "dw": Within(X.T @ DOUT, 1e-6)}
    hidden = {"dx": Within(np.array([[SECRET]]), 1e-6), "dw": Within(np.array([[SECRET]]), 1e-6)}
    cases = [
        case("shown", True, right, x=X, w=W, dout=DOUT),
        case("drawn", False, hidden, x=np.array([[SECRET]])),
    ]
    mistakes = [
        KeyMistake("no_transpose", "w is not transposed", "Multiply only what fits: try a w that is not square.")
    ]
    one = {"y": Within(np.array(1.0), 1e-6)}
    exercises = [
        KeyExercise("affine_backward", "The gradients", "affine_backward(dout, cache)", "course text §3", Shape.TUPLE,
                    {"dx": 3.0, "dw": 3.0}, {"all": 1.0}, cases, mistakes, formula=chain("y_{ij}", "w_{uv}"),
                    graph=Graph([4, 3, 2], ["Affine", "ReLU", "Affine", "Sigmoid", "Loss"])),
        KeyExercise("f", "A number", "f(x)", "", Shape.ONE, {"y": 2.0}, {"all": 1.0}, [case("one", True, one, x=X)]),
        KeyExercise("g", "Another number", "g(x)", "", Shape.ONE, {"y": 2.0}, {"all": 1.0}, [case("one", True, one, x=X)]),
    ]  # fmt: skip
    return AnswerKey(
        assignment="small",
        title="Small & simple",
        file="work.py",
        grader="0",
        hidden=True,
        limits=Limits(),
        exercises=exercises,
    )


def verdict(case, output, passed, **more):
    return Verdict(case=case, visible=case != "drawn", output=output, passed=passed, credit=float(passed), **more)


def right(id="f", outputs=("y",), worth=2.0, cases=("one",)):
    verdicts = [verdict(c, o, True) for c in cases for o in outputs]
    return ExerciseGrade(id=id, score=worth, max_score=worth, outcome=OutcomeKind.RETURNED, verdicts=verdicts)


def wrong_gradients():
    """dw is right, dx has a known mistake and wrong entries beside right ones."""
    said = {"finding": Finding.VALUES, "mistake": "no_transpose", "hints": ["The shape of dx is right."]}
    said["hint"] = "w is not transposed. Multiply only what fits: try a w that is not square."
    said["hints"] = [*said["hints"], said["hint"]]
    returned = DOUT @ W.T + np.array([[0.0, 1.0], [0.0, 0.0]])
    return ExerciseGrade(
        id="affine_backward",
        score=3.0,
        max_score=6.0,
        outcome=OutcomeKind.RETURNED,
        message="dx: 1 of 4 entries differ",
        verdicts=[
            verdict("shown", "dx", False, message="1 of 4 entries differ", **said),
            verdict("shown", "dw", True),
            verdict("drawn", "dx", False, message="dx has wrong values", **said),
            verdict("drawn", "dw", True),
        ],
        evidence=[Evidence("shown", "dx", returned, DOUT @ W.T, 1e-6)],
        smallest=Smallest(
            rung="tiny", title="One sample", inputs={"x": np.array([[5.0]])}, expected={"dx": np.array([[7.0]])},
            tolerance={"dx": 1e-6}, returned={"dx": np.array([[8.0]])},
        ),
    )  # fmt: skip


def raised(id="f", text="ValueError: no", line="y = x @ w"):
    message = f"raised ValueError in line 3: {text}"
    return ExerciseGrade(
        id=id, score=0.0, max_score=2.0, outcome=OutcomeKind.RAISED, message=message,
        verdicts=[verdict("one", "y", False, finding=Finding.RAISED, message=message)],
        trace=[f"work.py:3 in {id}"], lines=[line], printed=text,
    )  # fmt: skip


def open_still(id="g"):
    said = {"finding": Finding.NOT_ATTEMPTED, "message": "not attempted yet"}
    return ExerciseGrade(
        id=id, score=0.0, max_score=2.0, outcome=OutcomeKind.NOT_ATTEMPTED, message="not attempted yet",
        verdicts=[verdict("one", "y", False, **said)],
    )  # fmt: skip


def full():
    return right("affine_backward", ("dx", "dw"), 6.0, ("shown", "drawn"))


def grade(id="ada", exercises=None, **more):
    exercises = [wrong_gradients(), right("f"), open_still("g")] if exercises is None else exercises
    score = sum(e.score for e in exercises)
    fields = {"files": ["work.py"], "sha256": "a" * 64, "status": Status.GRADED, "score": score, "max_score": 10.0}
    return Grade(id=id, exercises=exercises, **(fields | more))


def structure(*hashes):
    return np.array(sorted(hashes), "<u4").tobytes()


def make_class():
    """Nine students; bea and bob have nearly the same structure, dan's file cannot be read, eva we failed to grade."""
    own = structure(*range(1000, 1010))
    return [
        grade("ada", origin=Origin(name="Ada Lovelace")),
        grade("bea", [full(), raised("f"), right("g")], structure=own),
        grade("bob", [full(), raised("f"), right("g")], structure=structure(*range(1000, 1009), 77)),
        grade("cyd", [full(), right("f"), right("g")], structure=structure(*range(50, 60))),
        grade("dan", [], status=Status.UNREADABLE, score=0.0, message="work.py:3: invalid syntax\n    x =\n       ^"),
        grade("eva", [], status=Status.UNGRADED, score=None, message="our fault, not the student's: no room"),
        grade("fay", [open_still("affine_backward"), open_still("f"), open_still("g")]),
        grade("gus", [wrong_gradients(), raised("f"), right("g")]),
        grade("hal", [full(), right("f"), open_still("g")]),
    ]


def hostile_class():
    return [
        grade(
            text,
            [wrong_gradients(), raised("f", text, text), open_still("g")],
            origin=Origin(name=text),
            remarks=[text],
        )
        for text in HOSTILE
    ] + [grade("broken", [], status=Status.UNREADABLE, score=0.0, message="\n".join(HOSTILE))]
