"""Twins and pairs of known mistakes are named rightly, and nothing else is named falsely; else a proof says so."""

import pytest

from grader.errors import AuthorError
from grader.proof.prove import proof_of


def twins(course, body="return x * (x + 1)", name="squared"):
    (course.folder / "twins.py").write_text(f"def {name}(x):\n    {body}\n", "utf-8")


def proven(course, zygote):
    return proof_of(course.load(), course.key(), zygote, generated=10)


def test_a_suite_without_twins_is_proven_and_counts_none(course, zygote):
    proof = proven(course, zygote)
    assert proof.holds
    assert (0, 0, 0, 0) == (proof.naming.twins, proof.naming.twins_named, proof.naming.pairs, proof.naming.falsely)
    assert proof.naming.others > len(proof.mutants)


def test_a_twin_is_named_as_its_mistake(course, zygote):
    twins(course)
    proof = proven(course, zygote)
    assert proof.holds
    assert (1, 1) == (proof.naming.twins, proof.naming.twins_named)


@pytest.mark.parametrize(("body", "told"), [("return x / 2", "halved"), ("return x**2 + 3 * x", "nothing")])
def test_a_twin_that_is_not_recognised_is_told(course, zygote, body, told):
    twins(course, body)
    line = course.line("mistakes.py", 'Mistake("double", squared')
    assert [
        f"solutions/small/mistakes.py:{line}: double: the twin of squared is not recognised ({told} is named): "
        "what do the two do differently?"
    ] == [f"{p.where}: {p.what}" for p in proven(course, zygote).problems]


def test_a_twin_bears_the_name_of_a_mistakes_function(course):
    twins(course, name="tripled")
    with pytest.raises(AuthorError) as caught:
        course.load()
    assert "solutions/small/twins.py:1: tripled is no function of mistakes.py; a twin bears its mistake's name" == str(
        caught.value
    )


def test_a_name_that_is_true_of_these_inputs_alone_is_told_as_false(course, zygote):
    """The drawn inputs are whole here and not elsewhere: rounding the answer is no mistake that shows."""
    course.edit("mistakes.py", "return x**2 + x", "return 2 * x + x % 1 + 1")
    course.edit("cases.py", "rng.normal(size=3)", "np.round(rng.normal(size=3) * 9) / PART")
    course.edit("cases.py", "from grader", "import numpy as np\n\nPART = [1]\n\nfrom grader")
    course.edit("cases.py", "/ PART", "/ PART[0]")
    key, authored = course.key(), course.load()
    authored.assignment.exercises[0].hidden[0].inputs.__globals__["PART"][0] = 7
    told = [p.what for p in proof_of(authored, key, zygote, generated=10).problems]
    expected = "double: a made-up answer (one is added) is told y: squared, and elsewhere it is not so"
    assert expected in told
