"""AnswerKey ↔ bytes: MessagePack for a key, JSON for the visible part that a student gets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from grader import __version__
from grader.errors import UsageError, WireError
from grader.model import KEY_SCHEMA, PROOF_SCHEMA, AnswerKey
from grader.wire import KINDS, pack, unpack

_MARK = re.compile(r'"\\u0000(\d+)"')
"""Where an array belongs, while the text around it is written."""


def dump_key(key: AnswerKey) -> bytes:
    """The key as MessagePack; the same key gives the same bytes."""
    return pack(key)


def load_key(data: bytes, where: str) -> AnswerKey:
    """Read a key that `dump_key` wrote; `where` names it in errors.

    Raises
    ------
    UsageError : the bytes are no key, or one of another version of the format.
    """
    try:
        return _of_this_schema(unpack(data, AnswerKey), where)
    except WireError as error:
        raise UsageError(f"{where}: expected an answer key ({error}); make one with 'grader key'") from None


def key_hash(key: AnswerKey) -> str:
    """SHA-256 of the key's bytes, in hexadecimal; whether it carries a proof makes no difference."""
    import hashlib  # not needed, and slow to import, where a student checks

    return hashlib.sha256(dump_key(msgspec.structs.replace(key, proof=""))).hexdigest()


def proof_hash(key: AnswerKey) -> str:
    """The mark of a proven key: SHA-256 over what was proven, and by which version of the grader.

    A key whose mark is another one has been changed since, or was proven by another version.
    """
    import hashlib

    return hashlib.sha256(f"{PROOF_SCHEMA}\0{__version__}\0{key_hash(key)}".encode()).hexdigest()


def dump_examples(key: AnswerKey) -> str:
    """The key as JSON, every array on a line of its own as {"dtype": …, "shape": …, "array": nested lists}."""
    import json  # its reader is not needed where a student checks

    tables: list[str] = []

    def marked(value: Any) -> str:
        tables.append(json.dumps(_table(value)))
        return f"\0{len(tables) - 1}"

    table = msgspec.to_builtins(key, enc_hook=marked)
    for name, nothing in (("proof", ""), ("stub", ""), ("language", "en"), ("texts", {})):
        if table[name] == nothing:  # a student's examples carry no proof and no stub
            del table[name]
    text = json.dumps(table, indent=1, ensure_ascii=False)
    return _MARK.sub(lambda found: tables[int(found[1])], text) + "\n"


def load_examples(text: bytes, where: str, keep: Sequence[str] = ()) -> AnswerKey:
    """Read what `dump_examples` wrote.

    Parameters
    ----------
    keep : ids of the exercises wanted, none for all; the others are not even looked at.

    Raises
    ------
    UsageError : not JSON, not an examples file, or an array that is none; names the path inside. Or
        an exercise that the file has not.
    """
    try:
        table = _decoded(text)
        if keep:
            table["exercises"] = _kept(table["exercises"], keep)
        key = msgspec.convert(_arrays(table), AnswerKey)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, SyntaxError, RecursionError) as error:
        raise UsageError(
            f"{where}: expected the examples that came with the assignment, but {error}; fetch the file again"
        ) from None
    return _of_this_schema(key, where)


def _decoded(text: bytes) -> Any:
    """The JSON as tables. nan and infinity, which strict JSON has not, take the slower reader."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        import json

        return json.loads(text)


def _kept(exercises: list[dict[str, Any]], keep: Sequence[str]) -> list[dict[str, Any]]:
    known = [e["id"] for e in exercises]
    for name in keep:
        if name not in known:
            raise UsageError(f"{name}: expected one of this assignment's exercises ({', '.join(known)})")
    return [e for e in exercises if e["id"] in keep]


def _of_this_schema(key: AnswerKey, where: str) -> AnswerKey:
    if key.schema != KEY_SCHEMA:
        raise UsageError(f"{where}: expected schema {KEY_SCHEMA}, got {key.schema!r}; update grader or the file")
    return key


def _table(value: Any) -> dict[str, Any]:
    if isinstance(value, np.ndarray):
        parts = np.stack([value.real, value.imag], axis=-1) if value.dtype.kind == "c" else value
        return {"dtype": str(value.dtype), "shape": list(value.shape), "array": parts.tolist()}
    raise NotImplementedError(type(value).__name__)


def _arrays(value: Any) -> Any:
    """JSON's tables back to arrays, wherever they stand."""
    if isinstance(value, list):
        return [_arrays(v) for v in value]
    if isinstance(value, dict):
        if value.keys() == {"dtype", "array", "shape"}:
            dtype = np.dtype(value["dtype"])
            if dtype.kind not in KINDS:
                raise ValueError(f"an array of dtype {dtype}")
            if dtype.kind == "c":
                parts = np.array(value["array"], dtype=np.float64)
                return (parts[..., 0] + 1j * parts[..., 1]).astype(dtype).reshape(value["shape"])
            return np.array(value["array"], dtype=dtype).reshape(value["shape"])
        return {k: _arrays(v) for k, v in value.items()}
    return value
