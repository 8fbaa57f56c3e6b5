"""Each promise of docs/threat-model.md names tests that exist, and attacks that exist."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TEXT = (HERE.parent / "docs" / "threat-model.md").read_text("utf-8")
PROMISES = [line for line in TEXT.split("## What each tier adds")[0].splitlines() if "`test_" in line][1:]
ATTACKS = {p.parent.name for p in HERE.glob("attacks/*/attack.toml")}


def functions_of(file):
    tree = ast.parse((HERE / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"test_\w+\.py(?:::\w+)?", TEXT))))
def test_every_test_that_is_named_exists(name):
    file, _colons, function = name.partition("::")
    assert (HERE / file).is_file()
    assert not function or function in functions_of(file)


@pytest.mark.parametrize("line", PROMISES, ids=lambda line: line.split("|")[1].strip()[:50])
def test_every_promise_names_a_test(line):
    _empty, promise, held, _end = line.split("|")
    assert promise.strip().endswith(".")
    assert re.search(r"`test_\w+\.py", held)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:[a-z]+_)+)\*`", TEXT))))
def test_every_family_of_attacks_that_is_named_exists(name):
    assert any(attack.startswith(name) for attack in ATTACKS)


def test_every_attack_belongs_to_a_family_that_is_promised():
    families = tuple(re.findall(r"`((?:[a-z]+_)+)\*`", TEXT))
    assert [] == [name for name in sorted(ATTACKS) if not name.startswith(families)]
