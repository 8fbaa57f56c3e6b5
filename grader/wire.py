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
DTYPE = re.compile(r"\|b1|\|[iu]1|[<>](?:[iu][248]|f(?:2|4|8|16)|c(?:8|16|32))")
HEADER = struct.Struct(">I")

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
        dtype = value.dtype.str.encode()
        head = struct.pack(f">BB{value.ndim}Q", len(dtype), value.ndim, *value.shape)
        return msgspec.msgpack.Ext(ARRAY, head + dtype + value.tobytes())
    if isinstance(value, Opaque):
        return msgspec.msgpack.Ext(OPAQUE, value.type_name.encode("utf-8", "replace"))
    raise NotImplementedError(f"the wire carries no {type(value).__name__}")


def _ext_hook(code: int, data: memoryview) -> Any:
    if code == OPAQUE:
        return Opaque(bytes(data[:240]).decode("utf-8", "replace"))
    if code == ARRAY:
        return _array(data)
    raise WireError(f"unknown extension {code}")


def _array(data: memoryview) -> np.ndarray[Any, Any]:
    """Read one array; its dtype, ndim and size are checked against the bytes before it is made."""
    try:
        dtype_length, ndim = struct.unpack_from(">BB", data)
        if ndim > MAX_NDIM:
            raise WireError(f"{ndim} dimensions, at most {MAX_NDIM}")
        shape = struct.unpack_from(f">{ndim}Q", data, 2)
        start = 2 + 8 * ndim
        text = bytes(data[start : start + dtype_length]).decode("ascii")
        dtype = _dtype(text)
    except (struct.error, TypeError, ValueError, SyntaxError) as error:
        raise WireError(f"an array's header is broken: {error}") from None
    body = data[start + dtype_length :]
    if math.prod(shape) * dtype.itemsize != len(body):
        raise WireError("an array's size is not that of the bytes that follow")
    return np.frombuffer(body, dtype=dtype).reshape(shape).copy()


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


def frame(data: bytes) -> bytes:
    """The bytes of a frame: length, then `data`."""
    return HEADER.pack(len(data)) + data
