"""The floors of the house: imports run downwards, no wing knows another, and a worker knows no answers."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GROUND = {"errors", "catalogue", "plan", "wire", "model", "values", "keyfile", "texts", "structure", "whole"}
WINGS = {"authoring", "intake", "sandbox", "judging", "reports", "gradebook", "exports"}
FLOORS = [
    GROUND,
    WINGS,
    {"recall", "schedule"},
    {"pipeline", "publishing"},
    {"batch", "progress", "spool"},
    {"keeping", "proof", "cluster", "shards"},
    {"source", "engines"},
    {"grading", "student", "doctor"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
WORKER = [
    "sandbox/worker.py",
    "sandbox/loader.py",
    "sandbox/protocol.py",
    "plan.py",
    "catalogue.py",
    "wire.py",
    "structure.py",
]
FILES = sorted((ROOT / "grader").rglob("*.py"))


def room(path: Path) -> str:
    """`sandbox` of grader/sandbox/wire.py, `model` of grader/model.py."""
    return path.relative_to(ROOT / "grader").parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The rooms of grader that a file imports, anywhere in it."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "grader":
            names = [f"grader.{a.name}" for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        rooms |= {n.split(".")[1] for n in names if n.startswith("grader.")}
    return rooms - {"__version__"}


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def test_every_room_has_a_floor():
    assert {room(p) for p in FILES} - {"__init__"} == set().union(*FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards_and_no_wing_knows_another(path):
    own = room(path)
    if own == "__init__":
        assert imported(path) == set()
        return
    for other in imported(path) - {own}:
        if own in GROUND:
            assert other in GROUND, f"{path.name} is ground floor and imports {other}"
        else:
            assert floor(other) < floor(own), f"{path.name} ({own}) imports {other}"


@pytest.mark.parametrize("name", WORKER)
def test_what_a_worker_imports_holds_no_answer(name):
    assert imported(ROOT / "grader" / name) <= {"model", "plan", "sandbox", "wire", "catalogue", "errors", "structure"}


def test_no_file_is_too_long_to_take_in():
    assert {p.name: n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 400} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_pickled(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert "pickle" not in [a.name for a in node.names]
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) != "np.load"
