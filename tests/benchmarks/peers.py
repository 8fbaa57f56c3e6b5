"""The same submissions of affine_backward through other graders: how many times as long each takes.

    python tests/benchmarks/peers.py [submissions] [peer …]

Each peer is installed from its package into an environment of its own under build/peers/ and set up
as its documentation says, with the same twelve cases. All run on one core, in turn. pytest, check50
and gradescope-utils start a process a submission, as they are used; Otter and nbgrader are measured
warm: many in one process, what starting costs taken off.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import floor_speed
from floor_speed import ROOT, SOURCE
from quiet import undisturbed

PLACE = ROOT / "build" / "peers"
PACKAGES = {
    "pytest": ["pytest==9.2.0"],
    "check50": ["check50==3.5.0"],
    "gradescope": ["gradescope-utils==0.5.0"],
    "otter": ["otter-grader==7.0.0", "ipykernel"],
    "nbgrader": ["nbgrader==0.9.6", "ipykernel"],
}
AT_LEAST = {"pytest": 25, "check50": 25, "gradescope": 25, "otter": 200, "nbgrader": 200}
COLD = ("pytest", "check50", "gradescope")

LOAD = """
import numpy as np
CASES = np.load({cases!r})

def holds(function, n):
    got = function(CASES[f"{{n}}_dout"], tuple(CASES[f"{{n}}_{{name}}"] for name in ("x", "w", "b")))
    for value, name in zip(got, ("dx", "dw", "db")):
        np.testing.assert_allclose(value, CASES[f"{{n}}_{{name}}"], rtol=1e-8, atol=1e-8)
"""


def python_of(name: str) -> str:
    return str(PLACE / name / "bin" / "python")


def install(name: str) -> str:
    """The peer's environment, made where there is none; the version that is in it."""
    if not Path(python_of(name)).exists():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE / name)], check=True)
        pip = [python_of(name), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "numpy", *PACKAGES[name]], check=True)
    package = PACKAGES[name][0].partition("==")[0]
    asked = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python_of(name), "-c", asked], capture_output=True, text=True, check=True).stdout.strip()


def write_cases(path: Path) -> None:
    """The twelve cases of `floor_speed`, and what is right for each, as one npz."""
    sys.path.insert(0, str(ROOT))
    import pickle

    import numpy as np
    from floor_speed import ours

    with tempfile.NamedTemporaryFile() as file:
        ours(file.name)
        inputs = pickle.loads(Path(file.name).read_bytes())
    space: dict = {}
    exec(compile(SOURCE, "layers.py", "exec"), space)
    arrays = {}
    for n, case in enumerate(inputs):
        arrays |= {f"{n}_{name}": value for name, value in case.items()}
        right = space["affine_backward"](case["dout"], (case["x"], case["w"], case["b"]))
        arrays |= {f"{n}_{name}": value for name, value in zip(("dx", "dw", "db"), right, strict=True)}
    np.savez(path, **arrays)


def run(command: list[str], folder: Path, expect: str = "", **more: str) -> float:
    """Wall time of a command; what it says must show that the work was found right."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **more}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    said = done.stdout + done.stderr
    assert expect in said, f"{' '.join(command)}: expected {expect!r}\n{said[-3000:]}"
    return seconds


def pytest_way(folder: Path, cases: Path) -> Callable[[int], float]:
    """`python -m pytest` in the submission's folder."""
    text = LOAD.format(cases=str(cases)) + (
        "import pytest\nfrom layers import affine_backward\n\n"
        "@pytest.mark.parametrize('n', range(12))\ndef test_case(n):\n    holds(affine_backward, n)\n"
    )

    def one(number: int) -> float:
        own = folder / str(number)
        own.mkdir()
        (own / "layers.py").write_text(f"# {number}\n{SOURCE}", "utf-8")
        (own / "test_layers.py").write_text(text, "utf-8")
        return run([python_of("pytest"), "-m", "pytest", "-q", "-p", "no:cacheprovider"], own, "12 passed")

    return one


def gradescope_way(folder: Path, cases: Path) -> Callable[[int], float]:
    """A run_tests.py with the JSON test runner, as its example has it."""
    methods = "".join(
        f"    @weight(1)\n    def test_{n}(self):\n        holds(affine_backward, {n})\n" for n in range(12)
    )
    text = LOAD.format(cases=str(cases)) + (
        "import unittest\nfrom gradescope_utils.autograder_utils.decorators import weight\n"
        "from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner\n"
        f"from layers import affine_backward\n\nclass TestLayers(unittest.TestCase):\n{methods}\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestLayers)\n"
        "with open('results.json', 'w') as f:\n    JSONTestRunner(stream=f, verbosity=0).run(suite)\n"
        "print(open('results.json').read().count('passed'))\n"
    )

    def one(number: int) -> float:
        own = folder / str(number)
        own.mkdir()
        (own / "layers.py").write_text(f"# {number}\n{SOURCE}", "utf-8")
        (own / "run_tests.py").write_text(text, "utf-8")
        seconds = run([python_of("gradescope"), "run_tests.py"], own)
        assert json.loads((own / "results.json").read_text("utf-8"))["tests"][11]["score"] == 1
        return seconds

    return one


def check50_way(folder: Path, cases: Path) -> Callable[[int], float]:
    """`check50 --dev`: the checks are a folder here, nothing is asked of a network."""
    checks = folder / "checks"
    checks.mkdir()
    bodies = "".join(
        f'@check50.check()\ndef case_{n}():\n    "case {n}"\n'
        f'    holds(check50.py.import_("layers.py").affine_backward, {n})\n\n'
        for n in range(12)
    )
    (checks / ".cs50.yml").write_text("check50:\n  files: &files\n    - !exclude '*'\n    - !require layers.py\n")
    text = LOAD.format(cases=str(cases)) + f"import check50\nimport check50.py\n\n{bodies}"
    (checks / "__init__.py").write_text(text, "utf-8")
    command = [str(PLACE / "check50" / "bin" / "check50"), "--dev", str(checks), "-o", "json"]

    def one(number: int) -> float:
        own = folder / str(number)
        own.mkdir()
        (own / "layers.py").write_text(f"# {number}\n{SOURCE}", "utf-8")
        beside = f"{PLACE / 'check50' / 'bin'}:{os.environ['PATH']}"
        seconds = run([*command, "--output-file", "out.json"], own, PATH=beside)
        results = json.loads((own / "out.json").read_text("utf-8"))["results"]
        assert [True] * 12 == [r["passed"] for r in results], results
        return seconds

    return one


OTTER = """
import sys, time, json
from otter.api import grade_submission
times = []
for path in sys.argv[2:]:
    started = time.perf_counter()
    grade = grade_submission(path, sys.argv[1], quiet=True)
    times.append(time.perf_counter() - started)
    assert abs(grade.total - grade.possible) < 1e-9, grade
print(json.dumps(times))
"""


def otter_way(folder: Path, cases: Path) -> Callable[[int], float]:
    """`otter.api.grade_submission` again and again in one process; the first one is not counted."""
    tests = folder / "tests"
    tests.mkdir()
    bodies = "".join(
        f"@test_case(points=1)\ndef test_{n}(affine_backward):\n    holds(affine_backward, {n})\n\n" for n in range(12)
    )
    head = "from otter.test_files import test_case\n\nOK_FORMAT = False\nname = 'q1'\npoints = None\n"
    (tests / "q1.py").write_text(head + LOAD.format(cases=str(cases)) + bodies, "utf-8")
    (folder / "requirements.txt").write_text("numpy\n")
    binary = PLACE / "otter" / "bin"
    more = {"PATH": f"{binary}:{os.environ['PATH']}"}
    run([str(binary / "otter"), "generate", "-t", "tests", "-o", "autograder.zip"], folder, **more)

    def one(number: int) -> float:
        paths = []
        for k in range(4):
            own = folder / f"{number}_{k}"
            own.mkdir()
            (own / "layers.py").write_text(f"# {number} {k}\n{SOURCE}", "utf-8")
            paths.append(str(own / "layers.py"))
        command = [python_of("otter"), "-c", OTTER, str(folder / "autograder.zip"), *paths]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **more}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return statistics.median(json.loads(done.stdout.splitlines()[-1])[1:])

    return one


def nbgrader_way(folder: Path, cases: Path) -> Callable[[int], float]:
    """`nbgrader autograde` of a batch; the time for one more of them."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    def cell(source: str, name: str, **what: object) -> object:
        meta = {
            "grade_id": name,
            "schema_version": 3,
            "locked": False,
            "grade": False,
            "solution": False,
            "task": False,
        }
        return new_code_cell(source, metadata={"nbgrader": meta | what})

    solution = cell(SOURCE, "layers", solution=True)
    tests = "\n".join(f"holds(affine_backward, {n})" for n in range(12))
    test = cell(LOAD.format(cases=str(cases)) + tests, "test", grade=True, locked=True, points=12)
    book = new_notebook(cells=[solution, test])
    binary = PLACE / "nbgrader" / "bin"
    more = {"PATH": f"{binary}:{os.environ['PATH']}", "HOME": str(folder), "JUPYTER_PREFER_ENV_PATH": "1"}
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'c'\n")
    source = folder / "source" / "ps"
    source.mkdir(parents=True)
    nbformat.write(book, source / "layers.ipynb")
    run([str(binary / "nbgrader"), "generate_assignment", "ps"], folder, **more)

    def batch(students: list[str]) -> float:
        for student in students:
            own = folder / "submitted" / student / "ps"
            own.mkdir(parents=True)
            nbformat.write(book, own / "layers.ipynb")
        named = [] if len(students) > 1 else ["--student", students[0]]
        seconds = run([str(binary / "nbgrader"), "autograde", "ps", *named], folder, **more)
        assert all((folder / "autograded" / s / "ps" / "layers.ipynb").exists() for s in students)
        shutil.rmtree(folder / "submitted")
        return seconds

    def one(number: int) -> float:
        single = batch([f"one{number}"])
        return (batch([f"many{number}x{k}" for k in range(4)]) - single) / 3

    return one


WAYS = {
    "pytest": pytest_way,
    "check50": check50_way,
    "gradescope": gradescope_way,
    "otter": otter_way,
    "nbgrader": nbgrader_way,
}


def ours_way(folder: Path) -> tuple[Callable[[], float], subprocess.Popen[str]]:
    """Seconds a submission over forty: the grader's own process of `floor_speed`."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, floor_speed.__file__, "serve", "ours", str(folder / "inputs")]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    def one() -> float:
        from floor_speed import CHUNK

        total = 0.0
        for _ in range(8):
            process.stdin.write("go\n")
            process.stdin.flush()
            total += float(process.stdout.readline())
        return total / (8 * CHUNK)

    return one, process


def main(rounds: int = 5, *chosen: str) -> int:
    """Measure, print, and say whether the bounds hold."""
    names = list(chosen or WAYS)
    versions = {name: install(name) for name in names}
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        write_cases(folder / "cases.npz")
        print(undisturbed())
        ours, process = ours_way(folder)
        ways = {}
        for name in names:
            (folder / name).mkdir()
            ways[name] = WAYS[name](folder / name, folder / "cases.npz")
        times: dict[str, list[float]] = {name: [] for name in names}
        ratios: dict[str, list[float]] = {name: [] for name in names}
        own: list[float] = []
        for number in range(rounds + 1):
            for name, way in ways.items():
                before = ours()
                seconds = way(number)
                if number:  # the first round warms the disk's cache
                    own.append(before)
                    times[name].append(seconds)
                    ratios[name].append(seconds / before)
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
    print(f"| affine_backward with twelve cases, confined and judged | {statistics.median(own) * 1000:.1f} ms | |")
    missed = False
    for name in names:
        ratio = statistics.median(ratios[name])
        missed = missed or ratio < AT_LEAST[name]
        warm = "one process each" if name in COLD else "warm"
        seconds = statistics.median(times[name])
        print(
            f"| {name} {versions[name]}, {warm}: {seconds * 1000:.0f} ms | {ratio:.1f} times ours | at least {AT_LEAST[name]} |"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*([int(sys.argv[1]), *sys.argv[2:]] if len(sys.argv) > 1 else [])))
