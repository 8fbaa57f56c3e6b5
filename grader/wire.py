"""Arrays and plain values ↔ bounded bytes: what may cross between the parent and a worker.

A frame is four bytes of length (big-endian) and that many bytes of MessagePack. Beside the plain
values it knows two extensions: an array (its dtype, shape and bytes, every size checked before
memory is taken) and an *opaque* value, of which only the type's name crosses. Nothing is pickled.
"""

from __future__ import annotations

import math
import re
import struct
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import numpy as np

from grader.errors import WireError

ARRAY, OPAQUE = 1, 2
KINDS = "biufc"
MAX_NDIM = 32
MAX_DEPTH = 6
MAX_ITEMS = 4096
MAX_TEXT = 4000
MAX_VALUES = 1 << 17
"""Values in one reply, an array counting as one: what comes takes a hundred times its bytes as Python's objects."""
UNCOUNTED = 1 << 14
"""A reply of so few bytes cannot hold many values."""
DTYPE = re.compile(r"\|b1|\|[iu]1|[<>](?:[iu][248]|f(?:2|4|8|16)|c(?:8|16|32))")
HEADER = struct.Struct(">I")
SHAPES = [struct.Struct(f">{ndim}Q") for ndim in range(MAX_NDIM + 1)]

T = TypeVar("T")


class Opaque:
    """A value that stays in the worker; only the name of its type (cut to 60 characters) crosses."""

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name[:60]

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


def portable(value: Any, depth: int = 0) -> Any:
    """Reduce any value to what the wire carries; what cannot cross, or refuses to be read, becomes Opaque.

    Subclasses of ndarray become base arrays, NumPy scalars 0-d arrays, tuples lists.
    """
    try:
        return _portable(value, depth)
    except Exception:  # a student's own class may raise from its len, iter, str or array
        return Opaque(type(value).__name__)


def _portable(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is np.ndarray and value.dtype.kind in KINDS and value.dtype.itemsize <= 32 and value.ndim <= MAX_NDIM:
        return value.copy()
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else Opaque("int beyond 64 bits")
    if issubclass(kind, (np.ndarray, np.generic)):
        array = np.asarray(value)
        ok = array.dtype.kind in KINDS and array.dtype.itemsize <= 32 and array.ndim <= MAX_NDIM
        return np.array(array, copy=True, subok=False) if ok else Opaque(f"array of {array.dtype}")
    if depth >= MAX_DEPTH:
        return Opaque("too deeply nested value")
    if issubclass(kind, str):
        return bounded_text(value, MAX_TEXT)
    if issubclass(kind, (list, tuple)):
        if len(value) > MAX_ITEMS:
            return _long(value)
        return [portable(v, depth + 1) for v in value]
    if issubclass(kind, dict) and len(value) <= MAX_ITEMS:
        return {bounded_text(k, 60): portable(v, depth + 1) for k, v in value.items()}
    return Opaque(kind.__name__)


def bounded_text(value: Any, limit: int) -> str:
    """At most `limit` characters of a text, half characters (lone surrogates) replaced."""
    return str(value)[:limit].encode("utf-8", "replace").decode()


def _long(value: Any) -> Any:
    """A list beyond MAX_ITEMS crosses as an array when it is one."""
    try:
        array = np.asarray(value)
    except ValueError:
        return Opaque("list of uneven rows")
    return portable(array)


def _enc_hook(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return msgspec.msgpack.Ext(ARRAY, _head(value.dtype, value.shape) + value.tobytes())
    if isinstance(value, Opaque):
        return msgspec.msgpack.Ext(OPAQUE, value.type_name.encode("utf-8", "replace"))
    raise NotImplementedError(f"the wire carries no {type(value).__name__}")


@lru_cache(256)
def _head(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """What stands before an array's own bytes."""
    text = dtype.str.encode()
    return bytes((len(text), len(shape))) + SHAPES[len(shape)].pack(*shape) + text


def _ext_hook(code: int, data: memoryview) -> Any:
    if code == OPAQUE:
        return Opaque(bytes(data[:240]).decode("utf-8", "replace"))
    if code == ARRAY:
        return _array(data)
    raise WireError(f"unknown extension {code}")


def _array(data: memoryview) -> np.ndarray[Any, Any]:
    """Read one array; its dtype, ndim and size are checked against the bytes before it is made."""
    try:
        ndim = data[1]
        start = 2 + 8 * ndim + data[0]
        if ndim > MAX_NDIM:
            raise WireError(f"{ndim} dimensions, at most {MAX_NDIM}")
        shape = SHAPES[ndim].unpack_from(data, 2)
        dtype = _dtype(str(data[2 + 8 * ndim : start], "ascii"))
    except (IndexError, struct.error, TypeError, ValueError, SyntaxError) as error:
        raise WireError(f"an array's header is broken: {error}") from None
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        raise WireError("an array's size is not that of the bytes that follow")
    return np.ndarray(shape, dtype, data, start).copy()


@lru_cache(64)
def _dtype(text: str) -> np.dtype[Any]:
    """A dtype as NumPy writes it: byte order, kind, size. Nothing else is handed to NumPy to read."""
    if not DTYPE.fullmatch(text):
        raise WireError(f"an array of dtype {text!r}")
    return np.dtype(text)


_encoder = msgspec.msgpack.Encoder(enc_hook=_enc_hook)


def pack(value: Any) -> bytes:
    """Encode a Struct or a plain value to MessagePack."""
    return _encoder.encode(value)


_decoders: dict[type, msgspec.msgpack.Decoder[Any]] = {}
"""One for each type that was asked for: making one takes longer than reading with it."""


def unpack(data: bytes, kind: type[T]) -> T:
    """Decode and validate MessagePack as `kind`.

    Raises
    ------
    WireError : not MessagePack, not that type, nested too deeply, or an array that lies.
    """
    try:
        decoder = _decoders.get(kind)
        if decoder is None:
            decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind, ext_hook=_ext_hook)
        value: T = decoder.decode(data)
        return value
    except WireError:
        raise
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError, OverflowError) as error:
        raise WireError(str(error)) from None


def unpack_reply(data: bytes, kind: type[T]) -> T:
    """As `unpack`, for what a worker says: the values in it are counted before the first one is made.

    Raises
    ------
    WireError : as `unpack`, or more than MAX_VALUES values.
    """
    if len(data) > UNCOUNTED:
        _count(data)
    return unpack(data, kind)


PLAIN = (bool, int, float, str, np.ndarray, Opaque, type(None))


def check_plain(value: Any) -> int:
    """Refuse what `portable` does not make: the judge goes through lists and dicts by calling itself.

    Returns
    -------
    How many values there are, an array counting as one.

    Raises
    ------
    WireError : nested more deeply than MAX_DEPTH, or a date, bytes, a key that is no text.
    """
    level, count = [value], 0
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        count += len(level)
        for item in level:
            kind = type(item)
            if kind is list:
                below += item
            elif kind is dict:
                if not all(type(key) is str for key in item):
                    raise WireError("a key that is no text")
                below += item.values()
            elif kind not in PLAIN:
                raise WireError(f"a value of type {kind.__name__}")
        if not below:
            return count
        level = below
    raise WireError(f"nested more than {MAX_DEPTH} deep")


SIZES = {
    **{0xC0: 1, 0xC2: 1, 0xC3: 1, 0xCA: 5, 0xCB: 9},
    **{0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9},
    **{0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18},
}
"""MessagePack's first byte → the length of a value whose length is fixed."""
LENGTHS = {
    **{0xC4: (1, 1), 0xC5: (2, 1), 0xC6: (4, 1), 0xD9: (1, 1), 0xDA: (2, 1), 0xDB: (4, 1)},
    **{0xC7: (1, 2), 0xC8: (2, 2), 0xC9: (4, 2)},
}
"""First byte → the bytes of the length that follows it, and of what else stands before the content."""
INSIDE = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
"""First byte of a list or a dict → the bytes of its length, and the values for each."""


def _count(data: bytes) -> None:
    """Go from value to value over MessagePack, past the contents of texts and arrays.

    Raises
    ------
    WireError : there are more than MAX_VALUES, or a list claims that.
    """
    at, due, total = 0, 1, 1
    while due and at < len(data):
        first = data[at]
        due -= 1
        inside = 0
        if first < 0x80 or first >= 0xE0:
            at += 1
        elif first < 0xA0:
            inside = (first & 15) * (2 if first < 0x90 else 1)
            at += 1
        elif first < 0xC0:
            at += 1 + (first & 31)
        elif first in SIZES:
            at += SIZES[first]
        elif first in LENGTHS:
            digits, before = LENGTHS[first]
            at += digits + before + int.from_bytes(data[at + 1 : at + 1 + digits], "big")
        elif first in INSIDE:
            digits, each = INSIDE[first]
            inside = int.from_bytes(data[at + 1 : at + 1 + digits], "big") * each
            at += 1 + digits
        else:
            raise WireError("no MessagePack")
        due += inside
        total += inside
        if total > MAX_VALUES:
            raise WireError(f"more than {MAX_VALUES:,} values")


def frame(data: bytes) -> bytes:
    """The bytes of a frame: length, then `data`."""
    return HEADER.pack(len(data)) + data
