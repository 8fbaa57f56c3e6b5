"""Malformed files, archives and notebooks from a seed: what students hand in by accident, and what they try.

    for name, data in handed_in("seed", 500):
        (folder / name).write_bytes(data)

The same seed gives the same files. Each name is another student's.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

RIGHT = "def double(x):\n    return x + x\n"
Make = Callable[[random.Random], tuple[str, bytes]]


def handed_in(seed: str, count: int) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of `count` students."""
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        make = rng.choices(list(KINDS), list(KINDS.values()))[0]
        suffix, data = make(rng)
        for _ in range(rng.choice((0, 0, 1, 1, 3, 20))):
            data = mutated(rng, data)
        yield f"s{number:05}{suffix}", data


def mutated(rng: random.Random, data: bytes) -> bytes:
    """The bytes with something wrong in them."""
    if not data:
        return rng.randbytes(rng.randrange(100))
    at, size = rng.randrange(len(data)), rng.choice((1, 1, 4, 16, 200))
    return rng.choice(
        (
            lambda: data[:at],
            lambda: data[at:],
            lambda: data[:at] + rng.randbytes(size) + data[at:],
            lambda: data[:at] + data[at + size :],
            lambda: data[:at] + rng.choice(ODD) + data[at + size :],
            lambda: data[:at] + data[at : at + size] * rng.choice((2, 50)) + data[at + size :],
            lambda: bytes([*data[:at], data[at] ^ (1 << rng.randrange(8)), *data[at + 1 :]]),
        )
    )()


ODD = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\x0c", b"\x1b[31m", b"\xed\xa0\x80", b"\xc3\x28", b"\xf4\x90\x80\x80",
    b"(" * 300, b"[" * 5000, b"{" * 300, b'"""', b"\\", b"\t ", b"%%time\n", b"!rm -rf /\n", b"\xe2\x80\xae", b"-1",
    b"99999999999999999999", b"1e999", b"NaN", b"PK\x05\x06", b"PK\x01\x02", b"\xff\xff\xff\xff", b"../", b"::error::",
]  # fmt: skip


# ------------------------------------------------------------------------------------------- Python


def python(rng: random.Random) -> tuple[str, bytes]:
    """A Python file: right and to be mutated, in an odd encoding, or a strain on a parser."""
    text = rng.choice(TEXTS)
    data = rng.choice(ENCODINGS)(text)
    return rng.choice((".py",) * 9 + (".PY", ".py.txt")), data


def _nested(rng: random.Random) -> tuple[str, bytes]:
    """Python that is deep, long or slow to parse."""
    size = rng.choice((50, 3_000, 60_000))
    pattern = rng.choice(
        (
            lambda n: "(" * n + ")" * n, lambda n: "x = " + "[" * n + "]" * n, lambda n: "x = " + "-" * n + "1",
            lambda n: "x = " + "not " * n + "1", lambda n: "x = a" + ".b" * n, lambda n: "x = a" + "()" * n,
            lambda n: "x = " + "1+" * n + "1", lambda n: "x = " + "lambda: " * n + "1", lambda n: "x = 0x" + "f" * n,
            lambda n: "x = " + "9" * n, lambda n: "a;" * n, lambda n: "@a\n" * n + RIGHT,
            lambda n: "if 1:\n pass\n" + "elif 1:\n pass\n" * n, lambda n: "x = " + "'' " * n,
            lambda n: "x = " + "a if b else " * n + "c", lambda n: "\n" * n * 4 + RIGHT,
            lambda n: "x = [" + "[]," * n + "]", lambda n: "".join(" " * i + "if 1:\n" for i in range(min(n, 300))),
            lambda n: "x = 10 ** 10 ** " + str(n), lambda n: "x = 'a' * " + str(n * 1000),
            lambda n: "def f(" + ", ".join(f"a{i}" for i in range(n)) + "): pass",
            lambda n: "try:\n pass\n" + "except A:\n pass\n" * n, lambda n: "x = (" + "a := " * n + "1)",
            lambda n: "match x:\n case " + "[" * min(n, 300) + "]" * min(n, 300) + ": pass",
        )
    )  # fmt: skip
    return ".py", (pattern(size) + "\n" + RIGHT).encode()


def _slow_to_parse(_rng: random.Random) -> tuple[str, bytes]:
    """A notebook that would keep CPython's parser busy for minutes."""
    return ".ipynb", notebook(["x = f'" + "{a}" * 160_000 + "'", RIGHT])


def _never_ending(rng: random.Random) -> tuple[str, bytes]:
    text = rng.choice(
        ("while True: pass", "import time; time.sleep(1e6)", "x = [0] * (1 << 40)", "import os; os.abort()")
    )
    return ".py", f"{RIGHT}\n{text}\n".encode()


TEXTS = [
    RIGHT,
    RIGHT.replace("x + x", "x * 3"),
    RIGHT.replace("\n", "\r\n"),
    RIGHT.replace("\n", "\r"),
    "",
    "\n" * 1000,
    "# only a comment",
    "def double(x):\n\tif 1:\n        return x\n",
    "print 'Python 2'\n" + RIGHT,
    "from __future__ import braces\n" + RIGHT,
    "from helpers import *\nimport matplotlib.pyplot as plt\nplt.plot([1])\n" + RIGHT,
    "# coding: utf-7\n" + RIGHT,
    "# -*- coding: rot13 -*-\n" + RIGHT,
    "# coding: no-such-codec\n" + RIGHT,
    "# coding: idna\n" + RIGHT,
    "# coding: unicode_escape\n" + RIGHT,
    "é = 'ü'  # \u202e\u2066\n" + RIGHT,
    "double = None\n",
    "class double:\n    __call__ = 3\n",
    "def double(x):\n    raise SystemExit\n",
    "def double(x):\n    return double(x)\n",
    "raise KeyboardInterrupt\n" + RIGHT,
    "<<<<<<< HEAD\n" + RIGHT + "=======\n>>>>>>> other\n",
    "\\documentclass{article}",
    "<html><body>404</body></html>",
]
ENCODINGS: list[Callable[[str], bytes]] = [
    *[lambda text: text.encode("utf-8", "replace")] * 6,
    lambda text: text.encode("utf-8-sig", "replace"),
    lambda text: text.encode("utf-16", "replace"),
    lambda text: text.encode("utf-16-be", "replace"),
    lambda text: text.encode("utf-32", "replace"),
    lambda text: text.encode("latin-1", "replace"),
    lambda text: text.encode("cp037", "replace"),
    lambda text: text.encode("utf-7", "replace"),
]

# ---------------------------------------------------------------------------------------- notebooks


def notebook(sources: list[Any], **rest: Any) -> bytes:
    """A notebook of code cells."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": s, "outputs": [], "execution_count": None} for s in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | rest).encode()


def _notebook(rng: random.Random) -> tuple[str, bytes]:
    sources = [rng.choice(CELLS) for _ in range(rng.choice((0, 1, 3, 30)))]
    return rng.choice((".ipynb",) * 9 + (".ipynb.json",)), notebook(sources)


def _odd_notebook(rng: random.Random) -> tuple[str, bytes]:
    """JSON that is nearly a notebook, deep, huge, or none."""
    size = rng.choice((10, 1_000, 200_000))
    return ".ipynb", rng.choice(
        (
            lambda: b"[" * size, lambda: b'{"cells":' * size, lambda: b"[" * size + b"]" * size, lambda: b"[]", lambda: b"{}",
            lambda: b"null", lambda: b'"cells"', lambda: b'{"cells": 3}', lambda: b'{"cells": [3, null, [], "a"]}',
            lambda: b'{"cells": [' + b"{}," * size + b"{}]}", lambda: b'{"cells": [' + b"[]," * size + b"[]]}",
            lambda: notebook([RIGHT]).replace(b"null", b"NaN"), lambda: notebook([RIGHT]).replace(b"null", b"Infinity"),
            lambda: notebook([RIGHT]).replace(b"null", b"9" * size), lambda: notebook([["def double(x):\n", 3, None]]),
            lambda: notebook([{"a": 1}, 3, None, True]), lambda: notebook(["\ud800"]).replace(b"\\ud800", b"\\ud800\\ud800"),
            lambda: notebook([RIGHT], metadata=[]), lambda: notebook([RIGHT], metadata={"kernelspec": 3, "language_info": []}),
            lambda: notebook([RIGHT], metadata={"language_info": {"name": "R"}}), lambda: notebook(["a" * size]),
            lambda: notebook(["%time " * 20 + "\n"] * 60), lambda: notebook(["%magic\n" * min(size, 1_000)]),
            lambda: notebook(["".join(f"x{i} = (\n%m\n)\n" for i in range(200))]),
            lambda: json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT}]}], "nbformat": 3}).encode(),
            lambda: b'{"a": 1, ' * min(size, 900) + notebook([RIGHT])[1:], lambda: notebook([RIGHT]) * 2,
            lambda: json.loads(notebook([RIGHT]))["cells"][0]["source"].encode(),
        )
    )()  # fmt: skip


CELLS = [
    RIGHT,
    RIGHT,
    "%matplotlib inline\nimport numpy as np",
    "!pip install torch\n%load_ext autoreload\n%autoreload 2",
    "%%bash\nls",
    "%%time\n" + RIGHT,
    "%%writefile other.py\nx = 1",
    "print 'Python 2'",
    "def double(x):\n",
    "x = input()\nplt.plot(x)",
    "double?\n??np.sum",
    "files = !ls\nx = %timeit -o 1",
    "for _ in range(3):\n    %time pass\n    !echo {x}",
    "",
    "\0",
    "# coding: latin-1\né = 1",
]

# ----------------------------------------------------------------------------------------- archives


def zipped(tree: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members, whatever their names."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        for name, data in tree.items():
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, method
            archive.writestr(info, data)
    return buffer.getvalue()


def tarred(tree: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A plain tar of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _gzipped(data: bytes) -> bytes:
    """The bytes compressed, without the time."""
    return gzip.compress(data, 1, mtime=0)


def _tree(rng: random.Random) -> dict[str, bytes]:
    """What an archive holds: the work somewhere, and what else there is."""
    others = rng.sample(sorted(NAMES), rng.randrange(3))
    place = rng.choice(("", "hw1/", "a/b/c/", "./", "作业/", "x" * 200 + "/"))
    work = rng.choice(("work.py", "work.py", "work.ipynb", "Work.PY", "other.py", "work-1.py"))
    data = notebook([RIGHT]) if work.endswith("ipynb") else RIGHT.encode()
    return {**{name: b"x" for name in others}, place + work: data}


NAMES = {
    "../work.py", "/etc/work.py", "..\\..\\work.py", "C:\\work.py", "a/../../b.py", "con.py", "a\nb.py", "a\x1b[31m.py",
    "\u202egnp.py", "a" * 5000 + ".py", "/".join("d" * 40) + "/x.py", "__MACOSX/._work.py", ".git/config", "x/.git/HEAD",
    "é.py", "e\u0301.py", "notes.pdf", "venv/pyvenv.cfg", "a.tar.gz", "b.zip", "c.rar", "", ".", "..", "/",
}  # fmt: skip


def _zip(rng: random.Random) -> tuple[str, bytes]:
    methods = (zipfile.ZIP_DEFLATED,) * 6 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return ".zip", zipped(_tree(rng), rng.choice(methods))


def _tar(rng: random.Random) -> tuple[str, bytes]:
    data = tarred(_tree(rng), rng.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)))
    suffix, pack = rng.choice(((".tar", bytes), (".tar.gz", _gzipped), (".tgz", _gzipped), (".tar.bz2", bz2.compress)))
    return suffix, pack(data)


def _bomb(rng: random.Random) -> tuple[str, bytes]:
    """An archive that is far more than it seems."""
    zeros = bytes(1 << 20)
    return rng.choice(
        (
            lambda: (".zip", zipped({"work.py": zeros * 40})),
            lambda: (".zip", zipped({f"f{n}.py": zeros for n in range(100)})),
            lambda: (".zip", zipped({f"f{n}.txt": b"" for n in range(30_000)}, zipfile.ZIP_STORED)),
            lambda: (".zip", zipped({"work.py": RIGHT.encode(), "inner.zip": zipped({"inner.zip": zipped({"a.py": b""})})})),
            lambda: (".tar.gz", _gzipped(tarred({"work.py": zeros * 40}))),
            lambda: (".tar.bz2", bz2.compress(zeros) * 300),
            lambda: (".tar.gz", _gzipped(zeros) * 300),
            lambda: (".zip", zipped({"a.zip": zipped({"work.py": zeros * 40})})),
            lambda: (".zip", zipped({"work.py": RIGHT.encode()}) + b"PK\x01\x02" * 30_000),
        )
    )()  # fmt: skip


def _crafted(rng: random.Random) -> tuple[str, bytes]:
    """An archive whose headers lie."""
    if rng.random() < 0.5:
        data = bytearray(zipped(_tree(rng)))
        start = data.rfind(b"PK\x01\x02")
        field = rng.choice(
            ((6, "<H"), (8, "<H"), (10, "<H"), (20, "<L"), (24, "<L"), (28, "<H"), (30, "<H"), (42, "<L"))
        )
        struct.pack_into(field[1], data, start + field[0], rng.randrange(1 << (16 if field[1] == "<H" else 32)))
        return ".zip", bytes(data)
    data = bytearray(tarred(_tree(rng), tarfile.GNU_FORMAT))
    at = rng.randrange(len(data) // 512 or 1) * 512
    data[at + 124 : at + 136] = rng.choice(
        (b"77777777777\0", b"-0000000001\0", b"\x80" + b"\xff" * 11, b"\xff" * 12, b"8" * 12)
    )
    data[at + 156] = rng.choice(b"0123456LKxgSVDN\0")
    data[at + 148 : at + 156] = b" " * 8
    data[at + 148 : at + 156] = b"%06o\0 " % (sum(data[at : at + 512]) & 0o777777)
    return ".tar", bytes(data)


def _anything(rng: random.Random) -> tuple[str, bytes]:
    """Bytes that are nothing, under any name."""
    return rng.choice((".py", ".ipynb", ".zip", ".tar", ".tar.gz", ".tgz")), rng.randbytes(rng.choice((0, 1, 30, 3000)))


KINDS: dict[Make, float] = {
    python: 24,
    _nested: 8,
    _notebook: 16,
    _odd_notebook: 14,
    _zip: 12,
    _tar: 10,
    _bomb: 3,
    _crafted: 8,
    _anything: 4,
    _never_ending: 0.4,
    _slow_to_parse: 0.2,
}
"""What is handed in, and how often: what takes seconds is rare."""
