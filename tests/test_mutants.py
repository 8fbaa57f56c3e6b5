"""Mutants: one small edit each, inside the solutions only, the same ones every time."""

import ast
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.course import assignment_names, load_assignment
from grader.errors import AuthorError
from grader.proof.mutants import edits_of, mutants, used_names
from grader.proof.operators import KINDS

ROOT = Path(__file__).resolve().parent.parent


def reference(*lines, parameters="x, w, b", returned="y"):
    """A reference with one function, whose solution is these lines."""
    body = "".join(f"    {line}\n" for line in lines)
    return (
        "import numpy as np\n\n\n"
        f"def f({parameters}):\n"
        f"    {returned} = None\n"
        "    # BEGIN SOLUTION\n"
        f"{body}"
        "    # END SOLUTION\n"
        f"    return {returned}\n"
    )


def edits(kind, *lines, **more):
    """The edited lines of one kind."""
    return [m.after for m in mutants(reference(*lines, **more), "f.py") if m.kind == kind]


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("operator", "y = x + w", {"y = x - w"}),
        ("operator", "y = x - w", {"y = x + w"}),
        ("operator", "y = x * w", {"y = x + w", "y = x / w", "y = x @ w"}),
        ("operator", "y = x @ w", {"y = x * w"}),
        ("operator", "y = x / w", {"y = x * w"}),
        ("operator", "y = x ** 2", {"y = x * 2"}),
        ("operator", "y = -x", {"y = x"}),
        ("operator", "y -= x", {"y += x"}),
        ("operator", "y = x and w", {"y = x or w"}),
        ("transpose", "y = x @ w.T", {"y = x @ w", "y = x.T @ w.T"}),
        ("transpose", "y = np.transpose(x)", {"y = x"}),
        ("transpose", "y = x.transpose(1, 0)", {"y = x"}),
        ("transpose", "y = np.dot(x.T, w)", {"y = np.dot(x, w)", "y = np.dot(x.T, w.T)"}),
        ("axis", "y = np.sum(x, axis=0)", {"y = np.sum(x, axis=1)", "y = np.sum(x)"}),
        ("axis", "y = np.sum(x, 0)", {"y = np.sum(x, 1)", "y = np.sum(x)"}),
        (
            "axis",
            "y = np.concatenate([x, w], axis=1)",
            {"y = np.concatenate([x, w], axis=0)", "y = np.concatenate([x, w])"},
        ),
        ("axis", "y = np.max(x, axis=-1)", {"y = np.max(x, axis=0)", "y = np.max(x)"}),
        ("keepdims", "y = np.sum(x, axis=1, keepdims=True)", {"y = np.sum(x, axis=1)"}),
        ("keepdims", "y = np.sum(x, axis=1)", {"y = np.sum(x, axis=1, keepdims=True)"}),
        ("function", "y = np.sum(x)", {"y = np.mean(x)"}),
        ("function", "y = x.mean()", {"y = x.sum()"}),
        ("function", "y = np.zeros(x)", {"y = np.ones(x)"}),
        ("swapped", "y = f(x, w, b)", {"y = f(w, x, b)", "y = f(x, b, w)"}),
        ("swapped", "y = x @ w", {"y = w @ x"}),
        ("swapped", "y = x - w", {"y = w - x"}),
        ("swapped", "y = x + w", set()),
        ("swapped", "y = np.maximum(x, w)", set()),
        ("swapped", "y[:, b] = x", {"y[b, :] = x"}),
        ("constant", "y = x + 2", {"y = x + 3", "y = x + 1"}),
        ("constant", "y = x[-1]", {"y = x[0]"}),
        ("constant", "y = 1e-05", {"y = 1.00001", "y = -0.99999"}),
        ("constant", "y = np.sum(x, axis=0, keepdims=True)", set()),
        ("term", "y = x * w", {"y = x", "y = w"}),
        ("term", "y = np.exp(x)", {"y = x"}),
        ("term", "y = np.where(x, w, b)", {"y = x", "y = w", "y = b"}),
        ("reshape", "y = x.reshape(w)", {"y = x", "y = x.reshape(w, order='F')"}),
        ("reshape", "y = np.reshape(x, w)", {"y = x", "y = np.reshape(x, w, order='F')"}),
        ("in_place", "y = x.copy()", {"y = x"}),
        ("in_place", "y = np.array(x)", {"y = x"}),
        ("in_place", "y = x * 2", {"y = np.multiply(x, 2, out=x)"}),
        ("in_place", "y = np.maximum(x, 0)", {"y = np.maximum(x, 0, out=x)"}),
        ("comparison", "y = x > 0", {"y = x < 0", "y = x >= 0"}),
        ("comparison", "y = x == 0", {"y = x != 0"}),
        ("name", "y = x", {"y = b", "y = w"}),
        ("line", "y = x", {"pass"}),
        ("line", "y += x", {"pass", "y += x; y += x"}),
    ],
)
def test_each_kind_makes_its_edits(kind, line, expected):
    assert expected == set(edits(kind, line))


def test_a_line_is_copied_from_the_line_above():
    assert "w = x @ b" in edits("line", "y = x @ b", "w = x + 2")
    assert "w = x + 1" not in edits("line", "y = x + 1", "w = y"), "w is y, which is x + 1"


def test_another_name_for_the_same_array_is_no_edit():
    assert "y = out + b" not in edits("name", "out = x", "y = x + b")
    assert "y = out + b" in edits("name", "out = x + 1", "y = x + b")


def test_returned_outputs_are_exchanged_although_their_line_stands_outside():
    found = [m for m in mutants(reference("y = x", "z = w", returned="y, z"), "f.py") if m.kind == "outputs"]
    assert ["return (z, y)"] == [m.after for m in found]
    assert 10 == found[0].line


def test_nothing_outside_the_markers_is_edited():
    source = "import numpy as np\n\n\ndef demo(x):\n    return x + 1\n\n\n" + reference("y = x + w")
    made = mutants(source, "f.py")
    assert {"f"} == {m.unit for m in made}
    assert all("return x + 1" in m.source for m in made)


def test_an_edit_is_told_with_its_line():
    found = next(m for m in mutants(reference("y = x", "y = y * w"), "f.py") if m.after == "y = y @ w")
    assert (8, "y = y * w", "y = y * w → y = y @ w") == (found.line, found.before, found.edit)


def test_an_id_does_not_depend_on_where_the_line_stands():
    one = mutants(reference("y = x @ w"), "f.py")
    other = mutants("# a line more\n" + reference("y = x @ w"), "f.py")
    assert [m.id for m in one] == [m.id for m in other]
    assert len({m.id for m in one}) == len(one)


def test_mutants_are_found_by_id_by_the_edited_line_and_by_the_edit():
    made = mutants(reference("y = x @ w"), "f.py")
    for text in ("y = x * w", "y = x @ w → y = x * w", made[0].id):
        assert ["y = x * w"] == [m.after for m in edits_of(made, text)]
    assert [] == edits_of(made, "y = x ? w")


def test_a_marker_without_its_partner_is_told():
    with pytest.raises(AuthorError, match=r"f\.py:1: the solution begun here never ends"):
        mutants("# BEGIN SOLUTION\ny = 1\n", "f.py")


def test_numbers_in_a_file_are_changed_entry_by_entry():
    source = "# BEGIN SOLUTION: M = None\nM = [[1, 2], [3, 4]]\n# END SOLUTION\n"
    made = mutants(source, "f.py", {"M": [[1, 2], [3, 4]]})
    after = {m.kind: m.after for m in made}
    assert after["transpose"] == "M = [[1, 3], [2, 4]]"
    assert "M = [[1, 2], [3, 5]]" in {m.after for m in made}
    wrong = [np.array(ast.literal_eval(m.after.partition(" = ")[2])) for m in made]
    assert all(w.shape != (2, 2) or not np.array_equal(w, [[1, 2], [3, 4]]) for w in wrong)


def test_a_symmetric_answer_has_no_transposed_mutant():
    source = "# BEGIN SOLUTION: M = None\nM = [[1, 2], [2, 1]]\n# END SOLUTION\n"
    assert "transpose" not in {m.kind for m in mutants(source, "f.py", {"M": [[1, 2], [2, 1]]})}


def test_helpers_are_followed():
    source = "def a():\n    return b()\n\n\ndef b():\n    return C\n\n\nC = 1\n"
    assert {"a": {"b", "C"}, "b": {"C"}, "C": set()} == used_names(source)


@pytest.mark.parametrize("name", assignment_names(ROOT))
def test_mutants_of_an_assignment_are_python_all_different_and_the_same_twice(name):
    authored = load_assignment(ROOT, name)
    made = mutants(authored.source, authored.assignment.file)
    assert made == mutants(authored.source, authored.assignment.file)
    assert len(made) > 20
    trees = {ast.unparse(ast.parse(m.source)) for m in made}
    assert len(trees) == len(made)
    assert ast.unparse(ast.parse(authored.source)) not in trees
    assert {m.kind for m in made} <= set(KINDS)
