"""What a zygote imports ahead: once a worker is confined, nothing can be opened and so nothing imported.

Every module makes each fork dearer, so there are two zygotes: a *lean* one with what nearly every
submission is content with, and a *rich* one with all that students reach for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LEAN = """
    numpy.linalg math cmath itertools functools operator collections collections.abc typing abc enum copy string re
    time types warnings contextlib textwrap traceback io os sys os.path pathlib builtins numbers heapq bisect __future__
    grader.sandbox.worker
"""
LEAN = _LEAN.split()

_RICH = """
    numpy.ma numpy.polynomial numpy.random numpy.fft numpy.testing random dataclasses datetime _strptime json decimal
    fractions statistics pprint pickle logging unittest argparse inspect unicodedata
    encodings.latin_1 encodings.iso8859_1 encodings.iso8859_15 encodings.cp1250 encodings.cp1251 encodings.cp1252
    encodings.utf_8_sig encodings.utf_16 encodings.ascii encodings.mac_roman encodings.koi8_r encodings.gbk
"""
RICH = _RICH.split()
"""unicodedata: Python's own parser asks for it when a name is not ASCII. The encodings: what editors declare
in a file's first line."""

_WORDS = b"""
    coding percentile quantile median polynomial random fft testing dataclass datetime strptime json decimal fractions
    statistics pprint pickle logging unittest argparse inspect unicodedata
"""
WORDS = _WORDS.split()
MASKED = re.compile(rb"\bma\b")
LOOKED_AT = 1 << 18
"""Bytes of a file, from its beginning: a longer one is no student's own text."""


def wants_rich(files: Mapping[str, bytes]) -> bool:
    """Whether a submission's text speaks of what the lean zygote has not.

    A guess that saves time: a worker that asks a lean zygote for more is run again by a rich one.
    """
    return any(_speaks_of_more(text[:LOOKED_AT]) for text in files.values())


def _speaks_of_more(text: bytes) -> bool:
    return not text.isascii() or any(word in text for word in WORDS) or MASKED.search(text) is not None
