"""AnswerKey ↔ bytes: MessagePack for a key, JSON for the visible part that a student gets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from grader import __version__
from grader.errors import UsageError, WireError
from grader.model import KEY_SCHEMA, PROOF_SCHEMA, AnswerKey
from grader.wire import KINDS, pack, unpack

DIFFERENT, PLACES = "different", "places"
ARRAYS, AT = "arrays", "at"
SHORT = 80
"""Characters of an array that is written wherever it stands."""
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
    """The key as JSON, every array on a line of its own as {"dtype": …, "shape": …, "array": nested lists}.

    One that stands in several places is written once, in a list at the end, and {"at": its place there} for it.
    """
    import json  # its reader is not needed where a student checks

    tables: list[str] = []

    def marked(value: Any) -> str:
        tables.append(json.dumps(_table(value)))
        return f"\0{len(tables) - 1}"

    table = msgspec.to_builtins(key, enc_hook=marked)
    for name, nothing in (("proof", ""), ("sampling", ""), ("stub", ""), ("language", "en"), ("texts", {})):
        if table[name] == nothing:  # a student's examples carry no proof, no secret and no stub
            del table[name]
    for exercise in (*table["exercises"], *table["required"]):
        _store_once(exercise["cases"], tables)
    text = json.dumps(table, indent=1, ensure_ascii=False)
    counts = Counter(tables[int(n)] for n in _MARK.findall(text))
    shared = {array: n for n, array in enumerate(a for a, count in counts.items() if count > 1 and len(a) > SHORT)}
    places = [f'{{"{AT}": {shared[array]}}}' if array in shared else array for array in tables]
    listed = ",\n  ".join(shared)
    text = text[: text.rindex("}")].rstrip() + f',\n "{ARRAYS}": [\n  {listed}\n ]\n}}' if shared else text
    return _MARK.sub(lambda found: places[int(found[1])], text) + "\n"


def _store_once(cases: list[dict[str, Any]], tables: list[str]) -> None:
    """Give each case a list of the different things that known mistakes do there, and each mistake places in it.

    Forms of a mistake that do the same in every case are one form.
    """
    seen: list[dict[str, int]] = [{} for _ in cases]
    kept: list[list[Any]] = [[] for _ in cases]
    by_case: list[dict[str, list[int]]] = [{} for _ in cases]
    for mistake in cases[0].get("mistakes", {}) if cases else ():
        each = [_places(c["mistakes"][mistake], s, k, tables) for c, s, k in zip(cases, seen, kept, strict=True)]
        for form in dict.fromkeys(zip(*each, strict=True)):
            for places, place in zip(by_case, form, strict=True):
                places.setdefault(mistake, []).append(place)
    for case, different, places in zip(cases, kept, by_case, strict=True):
        if places:
            case["mistakes"] = {DIFFERENT: different, PLACES: places}


def _places(forms: list[Any], seen: dict[str, int], kept: list[Any], tables: list[str]) -> list[int]:
    """Where each of these forms stands among the different ones, to which new ones are added."""
    import json

    places = []
    for form in forms:
        text = _MARK.sub(lambda found: tables[int(found[1])], json.dumps(form))
        if text not in seen:
            seen[text] = len(kept)
            kept.append(form)
        places.append(seen[text])
    return places


def _whole(table: Any) -> Any:
    """The tables with every array in its place, and every mistake's forms."""
    if not isinstance(table, dict):
        return table
    table = _arrays(table, _Shared(table.pop(ARRAYS, [])))
    for exercise in (*table.get("exercises", ()), *table.get("required", ())):
        _spread(exercise)
    return table


def _spread(exercise: dict[str, Any]) -> None:
    """Undo `_store_once`; equal things are one object."""
    for case in exercise["cases"]:
        stored = case.get("mistakes", {})
        if stored.keys() == {DIFFERENT, PLACES}:
            different = stored[DIFFERENT]
            case["mistakes"] = {m: [different[place] for place in places] for m, places in stored[PLACES].items()}


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
        key = msgspec.convert(_whole(table), AnswerKey)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        SyntaxError,
        RecursionError,
    ) as error:
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


class _Shared:
    """The arrays that stand in several places; each is made when it is asked for first."""

    def __init__(self, tables: list[Any]) -> None:
        self._tables = tables
        self._made: dict[int, Any] = {}

    def at(self, place: int) -> Any:
        """The array of this place, the same one every time: nobody writes into a key's arrays."""
        if place not in self._made:
            self._made[place] = _arrays(self._tables[place], self)
        return self._made[place]


def _arrays(value: Any, shared: _Shared) -> Any:
    """JSON's tables back to arrays, wherever they stand."""
    if isinstance(value, list):
        return [_arrays(v, shared) if isinstance(v, (list, dict)) else v for v in value]
    if isinstance(value, dict):
        if value.keys() == {AT}:
            return shared.at(value[AT])
        if value.keys() == {"dtype", "array", "shape"}:
            dtype = np.dtype(value["dtype"])
            if dtype.kind not in KINDS:
                raise ValueError(f"an array of dtype {dtype}")
            if dtype.kind == "c":
                parts = np.array(value["array"], dtype=np.float64)
                return (parts[..., 0] + 1j * parts[..., 1]).astype(dtype).reshape(value["shape"])
            return np.array(value["array"], dtype=dtype).reshape(value["shape"])
        return {k: _arrays(v, shared) if isinstance(v, (list, dict)) else v for k, v in value.items()}
    return value
