"""The child: runs one submission's code and tells what came back. It judges nothing.

It imports the standard library, NumPy, msgspec and the ground floor; it holds no expected value, no
other case and no other student. Everything that it says is treated as hostile by the parent.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import numpy as np

from grader.model import Loaded, Raised
from grader.plan import BrokenChainError, MissingTargetError, run_plan
from grader.sandbox.loader import load, raised
from grader.sandbox.protocol import LoadRequest, Request, RunReply, RunRequest
from grader.wire import HEADER, frame, pack, portable, unpack

MAX_WARNED = 4


def serve(requests: int, replies: int) -> None:
    """Answer requests from one file descriptor on another until the first one ends."""
    module: dict[str, Any] = {}
    files: set[str] = set()
    while (data := _read_frame(requests)) is not None:
        request: Request = unpack(data, Request)  # type: ignore[arg-type]
        reply: Loaded | RunReply
        if isinstance(request, LoadRequest):
            _seed()
            reply, module = load(request.files, request.main, request.definitions_only)
            files = set(request.files)
        else:
            reply = _run(request, module, files)
        _flush()
        _write(replies, _bytes_of(reply))


def checksums(inputs: dict[str, Any]) -> dict[str, int]:
    """A CRC-32 of every array among the inputs (of an input that is a dict or a list: of all in it)."""
    return {name: _crc(value, 0) for name, value in inputs.items()}


def _crc(value: Any, start: int) -> int:
    if isinstance(value, np.ndarray):
        shape = zlib.crc32(repr(value.shape).encode(), start)
        return zlib.crc32(value.tobytes(), shape)
    if isinstance(value, (list, tuple)):
        for item in value:
            start = _crc(item, start)
        return start
    if isinstance(value, dict):
        for key in sorted(value):
            start = _crc(value[key], zlib.crc32(key.encode(), start))
        return start
    return zlib.crc32(repr(value).encode(), start)


def _run(request: RunRequest, module: dict[str, Any], files: set[str]) -> RunReply:
    inputs = request.inputs
    warned: list[str] = []
    _seed()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = _recorder(warned)
            space = module if not request.file else _other(request.file)
            value = run_plan(request.plan, space, inputs)
        return RunReply(request.number, portable(value), after=checksums(inputs), warned=warned)
    except MissingTargetError as error:
        return RunReply(request.number, missing=error.target)
    except BrokenChainError as error:
        return RunReply(request.number, broken=str(error))
    except BaseException as error:
        return RunReply(request.number, error=raised(error, files), warned=warned)


def _other(file: str) -> dict[str, Any]:
    """The namespace of another of the student's files; empty where it is not there."""
    try:
        return importlib.import_module(PurePath(file).stem).__dict__
    except ImportError:
        return {}


def _recorder(warned: list[str]) -> Callable[..., None]:
    def record(message: Any, category: Any, *_rest: Any, **_named: Any) -> None:
        if issubclass(category, RuntimeWarning) and len(warned) < MAX_WARNED:
            warned.append(str(message)[:200])

    return record


def _bytes_of(reply: Loaded | RunReply) -> bytes:
    try:
        return pack(reply)
    except BaseException as error:
        number = reply.number if isinstance(reply, RunReply) else 0
        return pack(RunReply(number, error=Raised(type(error).__name__[:60], "grader", "the reply cannot be sent")))


def _seed() -> None:
    """Fixed random numbers before every case, so that a report does not depend on the order of cases."""
    if (plain := sys.modules.get("random")) is not None:
        plain.seed(0)
    if (numbers := sys.modules.get("numpy.random")) is not None:
        numbers.seed(0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # a student may have replaced or closed it
            continue


def _read_frame(source: int) -> bytes | None:
    head = _read_exactly(source, HEADER.size)
    return None if head is None else _read_exactly(source, HEADER.unpack(head)[0])


def _read_exactly(source: int, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = os.read(source, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _write(target: int, data: bytes) -> None:
    view = memoryview(frame(data))
    while view:
        view = view[os.write(target, view) :]
