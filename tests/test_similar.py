"""Groups of nearly identical submissions: found among many, and none where work only looks alike."""

import ast
import random
import tracemalloc

import numpy as np
from pages import structure

from grader.reports.similar import Structures
from grader.structure import structure as structure_of

LINES = [
    "rows = x.reshape(len(x), -1)",
    "total = total + np.sum(rows, axis={n})",
    "for i in range({n}):\n        total = total * rows[i] - {n}",
    "out[{n}] = np.dot(rows, w) + b",
    "if rows.shape[{n}] > {n}:\n        out = rows.T @ dout",
    "w = np.where(x > {n}, x, -x)",
    "total += float(np.max(x[{n}:])) / {n}",
    "x = [np.exp(v * {n}) for v in x]",
    "dx = (dout @ w.T).reshape(x.shape)",
    "b = b - b.mean(axis={n}) * np.sqrt({n})",
]


def written(rng, names=("x", "w")):
    """A function of a dozen lines in no particular order: no two students write the same."""
    body = "\n    ".join(rng.choice(LINES).format(n=rng.randrange(2, 900)) for _ in range(14))
    return f"def f(x, w, b, dout, out, total):\n    {body}\n    return out\n"


def groups(structures):
    return Structures(structures, len(structures)).groups(structures)


def of(texts):
    return [structure_of(ast.parse(t)) for t in texts]


def test_copies_with_other_names_and_one_other_line_are_found_among_many():
    rng = random.Random(1)
    texts = [written(rng) for _ in range(300)]
    texts[40] = texts[7].replace("rows", "flat").replace("total", "sum_so_far").replace("out =", "result = out =", 0)
    texts[200] = texts[7].replace("return out", "out = out + 0\n    return out")
    texts[111] = "# my own work\n\n" + texts[250]
    found = groups(of(texts))
    assert [[7, 40, 200], [111, 250]] == [g.members for g in found]
    assert all(g.share >= 0.75 for g in found)


def test_independent_work_is_not_pointed_at():
    rng = random.Random(2)
    assert [] == groups(of([written(rng) for _ in range(300)]))


def test_what_many_write_alike_is_no_sign():
    rng = random.Random(3)
    common = written(rng)
    assert [] == groups(of([common] * 200))
    assert [] == groups(of([common + written(rng).replace("def f", "def g") for _ in range(200)]))


def test_too_little_in_common_is_no_sign():
    assert [] == groups([structure(1, 2, 3), structure(1, 2, 3)])
    assert [[0, 1]] == [g.members for g in groups([structure(*range(1, 10)), structure(*range(1, 10))])]
    assert [] == groups([structure(*range(1, 13)), structure(*range(7, 19))])


def test_nothing_and_one_are_no_group():
    assert [] == groups([])
    assert [] == groups([structure(*range(9))])
    assert [] == groups([b"", b"", b""])


def test_the_table_takes_a_hundred_bytes_a_student():
    rng = np.random.default_rng(5)
    size = 20_000
    structures = [np.sort(rng.integers(1, 200_000, 60, dtype=np.uint32)).tobytes() for _ in range(size)]
    table = Structures(iter(structures), size)
    tracemalloc.start()
    table.groups(iter(structures))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size * 130, "twelve of eight bytes, an eighth more while they are gathered, and five"


def test_the_table_takes_next_to_nothing_where_students_have_nothing_in_common():
    size = 20_000
    structures = [structure(*range(40 * n + 1, 40 * n + 30)) for n in range(size)]
    table = Structures(iter(structures), size)
    tracemalloc.start()
    assert [] == table.groups(iter(structures))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size * 30
