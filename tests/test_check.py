"""`grader check` at home: what it tells, of which exercise, and what a tutor would say of everything that can go wrong."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from grader.authoring.release import current, write_files
from grader.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """assignments/ of the course, without what a test wrote."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(ROOT / "assignments", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch, released):
    """A student's folder with the stub of `affine`, who is in it; and a way to write work in it."""
    return Home(tmp_path, monkeypatch, released, "affine", "layers.py")


class Home:
    def __init__(self, folder, monkeypatch, released, name, file):
        shutil.copytree(released / name, folder / name)
        self.folder, self.file = folder / name, folder / name / file
        monkeypatch.chdir(self.folder)
        monkeypatch.delenv("COLUMNS", raising=False)

    def edit(self, old, new):
        text = self.file.read_text("utf-8")
        assert text.count(old) == 1, text.count(old)
        self.file.write_text(text.replace(old, new), "utf-8")

    def do(self, name, body):
        """Write a function's body where the comment stands."""
        text = self.file.read_text("utf-8")
        start = text.index(f"def {name}(")
        begin = min(i for mark in ("    # your code here", "    # some math") if (i := text.find(mark, start)) > 0)
        self.file.write_text(text[:begin] + body + text[text.index("\n", begin) :], "utf-8")


def run(*words):
    return CliRunner().invoke(main, ["check", *map(str, words)])


def told(*words, code=1):
    done = run(*words)
    assert done.exit_code == code, (done.output, done.stderr, done.exception)
    return done.stdout if code < 2 else done.stderr.strip()


FORWARD = "    out = x.reshape(len(x), -1) @ w + b\n    cache = x, w, b"
BACKWARD = """    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = dout.sum(axis=0)"""


# ------------------------------------------------------------------------------------ what is told


def test_the_stub_is_told_as_not_begun_with_what_is_to_be_written(home):
    assert told() == (
        "affine  ············  0 of 12 done\n"
        "\n"
        "· flatten_batch  A batch of images as rows\n"
        "\n"
        "  not attempted yet: layers.py, line 13\n"
        "  flatten_batch(images)\n"
        "    images: an array of shape (2, 1, 8, 8), float64\n"
    )


def test_what_was_begun_and_is_wrong_is_told_before_what_was_not_begun(home):
    home.do("dL_db", "    grad = dL_dY.mean(axis=0)")
    home.do("affine_forward", FORWARD)
    shown = told()
    assert shown.startswith("affine  ·✓·······✗··  1 of 12 done\n\n✗ dL_db  The gradient of the biases\n")


def test_one_exercise_alone(home):
    home.do("affine_forward", FORWARD)
    assert told("-e", "affine_forward", code=0) == (
        "affine  ✓  1 of 1 done\n"
        "\n"
        "✓ affine_forward  The affine layer, forward\n"
        "\n"
        "Visible cases passed. Hidden cases are run when your work is graded.\n"
    )
    assert told("-e", "dL_db").startswith("affine  ·  0 of 1 done\n\n· dL_db  The gradient of the biases\n")


def test_all_exercises_are_listed_and_every_wrong_one_is_told(home):
    home.do("affine_forward", FORWARD)
    home.do("dL_db", "    grad = dL_dY.mean(axis=0)")
    home.do("dL_dX", "    grad = dL_dY @ w")
    shown = told("-e", "all")
    assert (
        "\n· flatten_batch           A batch of images as rows\n✓ affine_forward          The affine layer, forward\n"
        in shown
    )
    assert "\n✗ dL_dX                   The gradient of the input – wrong: grad\n" in shown
    assert "\n✗ dL_dX  The gradient of the input\n" in shown and "\n✗ dL_db  The gradient of the biases\n" in shown
    assert "not attempted yet" not in shown


def test_the_exit_code_covers_all_that_was_checked_and_not_what_is_told(home):
    home.do("affine_forward", FORWARD)
    told("-e", "affine_forward", code=0)
    told(code=1)
    told("-e", "all", code=1)
    shutil.copy(ROOT / "solutions" / "affine" / "layers.py", home.file)
    for words in ((), ("-e", "all")):
        shown = told(*words, code=0)
        assert shown.startswith("affine  ✓✓✓✓✓✓✓✓✓✓✓✓  12 of 12 done\n")
        assert shown.endswith("Visible cases passed. Hidden cases are run when your work is graded.\n")
        assert "all passed" not in shown.lower()


def test_a_mismatch_is_told_as_mistake_then_shape_dtype_worst_entry_and_a_marked_table(home):
    home.do("affine_forward", FORWARD)
    home.do(
        "affine_backward",
        BACKWARD.replace(".T @ dout", ".T @ dout / len(x)").replace("axis=0)", "axis=0, keepdims=True)"),
    )
    shown = told("-e", "affine_backward")
    assert shown == (
        "affine  ✗  0 of 1 done\n"
        "\n"
        "✗ affine_backward  The affine layer, backward\n"
        "\n"
        "  dw: dw is averaged over the batch.\n"
        "\n"
        "  db: db keeps a first axis of size 1.\n"
        "  A hint: grader check --hint\n"
        "\n"
        "  case two_by_two: The 2×2 exercise of the text (§4.2), as if that layer had a\n"
        "  bias\n"
        "  dw  shape (2, 2) ✓  float64 ✓  values ✗\n"
        "      4 of 4 entries differ; the farthest off is at [1, 0]: expected 32, got 16\n"
        "      yours          expected\n"
        "        10 ✗  10 ✗     20  20\n"
        "        16 ✗  16 ✗     32  32\n"
        "  db  shape ✗ expected shape (2,), got (1, 2); the values are right, only the\n"
        "  shape is not\n"
        "      float64\n"
        "      yours      expected\n"
        "        12  12     12  12\n"
        "\n"
        "  wrong too: rows (dw, db), images (dw, db), two_of_each (dw, db)\n"
    )


def test_an_exception_is_told_after_the_sentence_that_teaches_with_the_students_own_lines(home):
    home.do("dL_dX", "    grad = helper(w, dL_dY)")
    home.edit("def dL_dX(", "def helper(a, b):\n    return a @ a @ b\n\n\ndef dL_dX(")
    shown = told("-e", "dL_dX")
    teaching = "Two arrays do not fit in a matrix product: write the shape of each under its\n  name."
    assert shown.index(teaching) < shown.index("raised ValueError")
    assert shown.endswith(
        "  case rows: raised ValueError in line 194: matmul: Input operand 1 has a\n"
        "  mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?)\n"
        "  (size 4 is different from 3)\n"
        "\n"
        "  your own lines, the last one raised:\n"
        "    layers.py:213 in dL_dX\n"
        "        grad = helper(w, dL_dY)\n"
        "    layers.py:194 in helper\n"
        "        return a @ a @ b\n"
    )
    assert "Traceback" not in shown and "grader/" not in shown


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(home, monkeypatch, width):
    home.do("affine_forward", FORWARD)
    home.do("affine_backward", BACKWARD.replace("@ w.T", "@ w.T * 3"))
    home.do("flatten_batch", '    rows = images.reshape(len(images), -1, order="F")')
    home.do("dL_dX", "    grad = dL_dY @ w")
    monkeypatch.setenv("COLUMNS", str(width))
    shown = told("-e", "all")
    assert max(map(len, shown.splitlines())) <= width


def test_a_terminal_without_the_signs_gets_others(home, monkeypatch):
    home.do("dL_db", "    grad = dL_dY.mean(axis=0)")
    done = CliRunner(charset="ascii").invoke(main, ["check"])
    assert done.exit_code == 1
    assert done.stdout.startswith("affine  .........x..  0 of 12 done\n\nx dL_db  The gradient of the biases\n")


# ------------------------------------------------------------------------------ the two functions compared


def test_forward_wrong_and_backward_wrong_are_told_apart(home):
    home.do("affine_forward", FORWARD)
    home.do("affine_backward", BACKWARD.replace("dw = ", "dw = 1.7 * "))
    assert (
        "  dw is not the derivative of your own affine_forward: where w[1, 0] grows by a\n"
        "  little, the sum of dout times its output grows 32 times as much, and dw[1, 0]\n"
        "  is 54.4.\n"
    ) in told("-e", "affine_backward")
    home.edit("@ w + b\n", "@ (1.7 * w) + b\n")
    shown = told("-e", "affine_backward", "-e", "affine_forward")
    assert "affine_forward is not right itself yet: mend that first." in shown


def test_a_backward_function_that_fits_a_wrong_forward_function_points_there(tmp_path, monkeypatch, released):
    home = Home(tmp_path, monkeypatch, released, "activations", "activations.py")
    home.do("square_forward", "    out = 3 * x**2 + x\n    cache = x")
    home.do("square_backward", "    dx = dout * (6 * cache + 1)")
    shown = told("-e", "square_forward", "-e", "square_backward")
    assert (
        "  What you return is the derivative of your own square_forward: it is\n  square_forward that is wrong.\n"
        in shown
    )


def test_right_answers_are_told_nothing_of_it(home):
    shutil.copy(ROOT / "solutions" / "affine" / "layers.py", home.file)
    assert "derivative of your own" not in told("-e", "affine_backward", code=0)


# ------------------------------------------------------------------------------------------- hints


def test_hints_go_step_by_step_and_start_again_when_the_finding_changes(home):
    home.do("dL_db", "    grad = dL_dY.mean(axis=0)")
    before = told()
    assert "hint 1 of" not in before
    first = told("--hint")
    assert "hint 1 of" in first and "hint 2 of" not in first
    many = 1
    for _ in range(4):
        shown = told("--hint")
        many = max(many, shown.count("  grad: hint "))
    assert f"hint {many} of {many}: " in told(), "the last step stays until something changes"
    home.edit("dL_dY.mean(axis=0)", "dL_dY.sum(axis=1)")
    assert "hint 1 of" not in told()
    assert "hint 1 of" in told("--hint")
    assert (home.folder / ".grader" / ".gitignore").read_text("utf-8") == "*\n"


def test_a_hint_before_a_first_try_is_where_to_read(home):
    assert (
        "  No hint before a first try. It is in the course text §1.1, eq. 2, and in the\n  handout, README.md.\n"
        in told("--hint")
    )
    assert not (home.folder / ".grader").exists()


def test_a_memory_that_cannot_be_read_or_written_is_no_reason_to_give_no_hint(home):
    home.do("dL_db", "    grad = dL_dY.mean(axis=0)")
    (home.folder / ".grader").mkdir()
    (home.folder / ".grader" / "hints.json").write_text("[[[", "utf-8")
    assert "hint 1 of" in told("--hint")
    shutil.rmtree(home.folder / ".grader")
    (home.folder / ".grader").write_text("no folder", "utf-8")
    assert "hint 1 of" in told("--hint")
    assert "hint 1 of" in told("--hint")


# --------------------------------------------------------------------------------------- bad input


def test_a_renamed_function(home):
    home.edit("def dL_dX(", "def dL_DX(")
    assert (
        "  There is no dL_dX in your file, but dL_DX: cases call it by its name, so call\n  it dL_dX again.\n"
    ) in told("-e", "dL_dX")
    home.edit("def dL_DX(", "def something_else(")
    assert "  There is no dL_dX in your file: put its first line back, def dL_dX(dL_dY, w):\n" in told("-e", "dL_dX")


NO_RETURN = "There is no return in dL_db, and without one a function gives back None: put its last line back."
LEFT_NONE = "dL_db ran, and all that it gave back is None: has your result another name than the one after return?"


@pytest.mark.parametrize(
    ("line", "last", "sentence"),
    [
        ("    grad = dL_dY.sum(axis=0)", "", NO_RETURN),
        ("    total = dL_dY.sum(axis=0)", "    return grad", LEFT_NONE),
        ("    ...  # TODO", "    return grad", "not attempted yet"),
        ("    raise NotImplementedError", "    return grad", "not attempted yet"),
    ],
)
def test_work_that_gives_back_none_is_no_stub(home, line, last, sentence):
    home.do("dL_db", line)
    text = home.file.read_text("utf-8")
    before, work = text[: text.index("def merge_bias(")], text[text.index("def merge_bias(") :]
    home.file.write_text(f"{last}\n".join(before.rsplit("    return grad\n", 1)) + work, "utf-8")
    shown = " ".join(told("-e", "dL_db").split())
    assert sentence in shown
    assert ("not attempted yet" in shown) == (sentence == "not attempted yet")


def test_a_call_of_exit_is_told_what_it_does(home):
    home.do("dL_db", "    grad = exit()")
    shown = " ".join(told("-e", "dL_db").split())
    assert "exit() and quit() end the whole program, and with it the function: take the call out." in shown


@pytest.mark.parametrize("parameters", ["dL_dY", "dL_dY, w, extra", "w, dL_dY"])
def test_a_changed_signature(home, parameters):
    home.edit("def dL_dX(dL_dY, w):", f"def dL_dX({parameters}):")
    home.do("dL_dX", "    grad = dL_dY @ dL_dY.T")
    shown = " ".join(told("-e", "dL_dX").split())
    assert (
        f"dL_dX is called as dL_dX(dL_dY, w), and yours begins with def dL_dX({parameters}): "
        "give it back the first line that it was handed out with."
    ) in shown


def test_tabs_and_spaces_mixed(home):
    home.do("dL_dX", "    if True:\n\tgrad = dL_dY @ w.T\n        grad = grad")
    text = told(code=4)
    assert text.startswith("grader: layers.py:")
    assert "inconsistent use of tabs and spaces in indentation" in text
    assert text.endswith(
        "This line is indented with tabs and others with spaces, which look alike and are not. Let the editor turn tabs "
        "into spaces (VS Code: “Convert Indentation to Spaces”) and save again."
    )


def test_an_unfinished_line(home):
    home.do("dL_dX", "    grad = (dL_dY @ w.T")
    assert told(code=4) == "grader: layers.py:209: '(' was never closed\n    grad = (dL_dY @ w.T\n           ^"


def test_deleted_examples(home):
    (home.folder / "examples.json").unlink()
    assert told(code=2) == (
        "grader: examples.json: expected the examples that came with the assignment; go into its folder, or fetch the "
        "file again (your own work stays as it is)"
    )
    assert told(home.folder.parent, code=2).startswith(
        f"grader: {home.folder.parent}/examples.json: expected the examples"
    )


def test_a_folder_above_the_assignments(home):
    shutil.copy(ROOT / "assignments" / "affine" / "examples.json", home.folder)
    assert told("..", code=2) == (
        "grader: ../examples.json: expected the examples that came with the assignment; they are in affine: "
        "run 'grader check affine'"
    )
    assert told("nowhere", code=2) == "grader: nowhere: expected a folder or your file in it; there is nothing"


def test_broken_examples(home):
    path = home.folder / "examples.json"
    path.write_text(path.read_text("utf-8")[:1000], "utf-8")
    assert told(code=2).startswith("grader: examples.json: expected the examples that came with the assignment, but ")
    assert told(code=2).endswith("; fetch the file again")


@pytest.mark.parametrize(("version", "old"), [("1.21.6", True), ("1.25.2", True), ("1.26.0", False), ("2.4.6", False)])
def test_a_numpy_too_old(home, monkeypatch, version, old):
    monkeypatch.setattr(np, "__version__", version)
    if old:
        assert told(code=2) == (
            f"grader: NumPy {version} is installed, and grader needs 1.26 or newer; run: python -m pip install --upgrade numpy"
        )
    else:
        told(code=1)


def test_no_file_to_check(home):
    home.file.unlink()
    (home.folder / "layers.ipynb").unlink()
    assert told(code=4) == "grader: layers.py: expected your work here; fetch the stub again or name your file"


def test_a_file_with_an_unknown_exercise(home):
    assert told("-e", "affine", code=2).startswith(
        "grader: affine: expected one of this assignment's exercises (flatten_batch, "
    )


# --------------------------------------------------------------------------------- stub or notebook


def in_notebook(folder, name, body):
    """Write a function's body in the notebook."""
    path = folder / "layers.ipynb"
    book = json.loads(path.read_text("utf-8"))
    for cell in book["cells"]:
        text = "".join(cell["source"])
        if f"def {name}(" in text:
            begin = text.index("    # your code here")
            cell["source"] = text[:begin] + body + text[begin + len("    # your code here") :]
    path.write_text(json.dumps(book), "utf-8")


def test_a_function_in_a_cell_that_is_no_python(home):
    in_notebook(home.folder, "dL_db", "    grad = dL_dY.sum(axis=0")
    shown = " ".join(told("layers.ipynb", "-e", "dL_db").split())
    sentence = "There is no dL_db in what could be read, and code cell 11 is no Python: mend that cell first."
    assert sentence in shown and "put its first line back" not in shown


@pytest.mark.parametrize(("name", "file"), [("two_by_two", "answers.py"), ("network", "network.py")])
def test_of_what_nobody_has_touched_the_stub_is_checked_without_a_word(tmp_path, monkeypatch, released, name, file):
    Home(tmp_path, monkeypatch, released, name, file)
    assert "·  0 of" in told() and "is graded" not in told()


def test_the_notebook_is_checked_where_it_was_worked_in(home):
    in_notebook(home.folder, "dL_db", "    grad = dL_dY.mean(axis=0)\n    grad[5]")
    shown = told()
    assert shown.startswith("affine  ·········✗··  0 of 12 done\n")
    assert "layers.ipynb, code cell 11, line " in shown and "\n        grad[5]\n" in shown
    home.do("affine_forward", FORWARD)
    home.do("dL_dX", "    grad = dL_dY @ w.T")
    shown = told()
    assert shown.startswith(
        "affine  ·✓······✓···  2 of 12 done\n• layers.py is graded, and layers.ipynb beside it is not"
    )
    assert told("layers.ipynb").startswith("affine  ·········✗··  0 of 12 done\n")


def test_a_mistake_in_a_notebook_has_its_name(home):
    in_notebook(home.folder, "dL_db", "    grad = dL_dY.mean(axis=0)")
    in_notebook(home.folder, "dL_dX", "    grad = dL_dY @ w")
    shown = told("-e", "all")
    assert "  grad: The gradient is averaged over the batch.\n" in shown
    assert "  grad: w is not transposed.\n" in shown


def test_a_file_by_another_name_and_one_that_imports_another(home):
    home.file.rename(home.folder / "layers (1).py")
    (home.folder / "layers.ipynb").unlink()
    assert told().startswith("affine  ············  0 of 12 done\n")
    (home.folder / "layers (1).py").rename(home.file)
    home.do("dL_db", "    from helpers import summed\n    grad = summed(dL_dY)")
    (home.folder / "helpers.py").write_text(
        "from more import axis\ndef summed(a):\n    return a.sum(axis=axis)\n", "utf-8"
    )
    (home.folder / "more.py").write_text("axis = 0\n", "utf-8")
    (home.folder / "unused.py").write_text("1 / 0\n", "utf-8")
    told("-e", "dL_db", code=0)


# ----------------------------------------------------------------------------------- mistakes at home


@pytest.mark.parametrize("name", ["affine", "activations"])
def test_known_mistakes_have_their_names_with_the_examples_alone(name, tmp_path, monkeypatch, released, zygote):
    """What a student runs knows no solution: every known mistake that loses marks on visible cases is named by them."""
    from grader.authoring.course import load_assignment
    from grader.authoring.demo import demo_sources
    from grader.keyfile import load_examples
    from grader.model import Submission
    from grader.pipeline import Grading

    key = load_examples((released / name / "examples.json").read_bytes(), name)
    grading = Grading(key, zygote, again=False, at_home=True)
    authored = load_assignment(ROOT, name)
    sources = demo_sources(authored, ROOT)
    missed = []
    for mistake in authored.mistakes[::4]:
        text = sources[mistake.id]
        grade = grading.grade(Submission("me", {key.file: text.encode()}, key.file, ""))
        exercise = next(e for e in grade.exercises if e.id == mistake.of)
        wrong = [v for v in exercise.verdicts if not v.passed]
        if wrong and not any(v.mistake == mistake.id for v in wrong):
            missed.append(mistake.id)
    assert missed == []


def test_the_small_course_is_checked_as_it_is_released(course, monkeypatch):
    authored = course.load()
    write_files("small", course.root, current(authored, course.root))
    monkeypatch.chdir(course.root / "assignments" / "small")
    assert told() == (
        "small  ·  0 of 1 done\n\n· double  Twice\n\n  not attempted yet: work.py, line 4\n  double(x)\n    x: an array of shape (2,), float64\n"
    )
