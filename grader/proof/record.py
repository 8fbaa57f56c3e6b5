"""Remembers which suites are proven, so that `grade` can tell at once: .grader-proof.json in the course.

A proof is of an assignment's files, the earlier assignments that it uses, the seed of its hidden cases
and the version of the grader; when one of these changes, it is forgotten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader import __version__
from grader.authoring.course import Authored
from grader.errors import UsageError
from grader.proof.result import Proof
from grader.reports.files import write_atomically

RECORD, RECORD_SCHEMA = ".grader-proof.json", "grader/proofs/v1"
KEPT = 8
"""Proofs of one assignment that are remembered, the latest: a course may be proven with several seeds."""


def fingerprint(authored: Authored, seed: bytes) -> str:
    """SHA-256 over all that a proof depends on."""
    digest = hashlib.sha256(f"{__version__}\0".encode())
    for part in (seed, *_contents(authored)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _contents(authored: Authored) -> Iterator[bytes]:
    for path in sorted(p for p in authored.folder.iterdir() if p.is_file()):
        yield path.name.encode("utf-8", "surrogateescape")
        yield path.read_bytes()
    for earlier in authored.earlier:
        yield from _contents(earlier)


def remembered(course: Path, authored: Authored, seed: bytes) -> str:
    """The mark that a key of this assignment and seed may carry; empty where it is not proven, or no longer."""
    entry = _read(course).get(authored.name, {}).get(fingerprint(authored, seed))
    return entry if isinstance(entry, str) else ""


def remember(course: Path, authored: Authored, seed: bytes, proof: Proof) -> None:
    """Keep a proof that holds, and forget one that does not any more. Where nothing can be written, nothing is."""
    known = _read(course)
    own = {k: v for k, v in known.get(authored.name, {}).items() if k != fingerprint(authored, seed)}
    if proof.proof:
        own[fingerprint(authored, seed)] = proof.proof
    known[authored.name] = dict(list(own.items())[-KEPT:])
    text = json.dumps({"schema": RECORD_SCHEMA, "proven": known}, indent=1) + "\n"
    with contextlib.suppress(UsageError):
        write_atomically(course / RECORD, [text])


def _read(course: Path) -> dict[str, dict[str, Any]]:
    """Assignment → fingerprint → mark; nothing where the file is not there or is none of ours."""
    try:
        table = json.loads((course / RECORD).read_text("utf-8"))
        proven = table["proven"] if table["schema"] == RECORD_SCHEMA else {}
        return {name: dict(entries) for name, entries in proven.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
