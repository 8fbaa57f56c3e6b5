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
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import numpy as np

from grader.model import Loaded, Raised
from grader.plan import BrokenChainError, MissingTargetError, Plan, run_plan
from grader.sandbox.loader import load, raised, read_program, read_structure
from grader.sandbox.protocol import MAX_WARNED, NUMBER, LoadRequest, Parsed, Request, RunReply, RunRequest, SlopeRequest
from grader.sandbox.slopes import slopes
from grader.wire import HEADER, frame, pack, portable, unpack

serving = False
"""Whether this process is a worker: a student's file that asks for a check of itself is not checked in it."""
_warned: list[str] = []
"""NumPy's warnings in the case that runs."""


def serve(requests: int, replies: int, lean: bool = False, mark: bytes = b"") -> None:
    """Answer requests from one file descriptor on another until the first one ends.

    Parameters
    ----------
    lean : as of `load`.
    mark : is printed after all that the student's code prints before a reply.
    """
    module: dict[str, Any] = {}
    files: set[str] = set()
    randomly = False
    number = 0
    for data in _frames(requests):
        request: Request = unpack(data, Request)  # type: ignore[arg-type]
        if isinstance(request, LoadRequest):
            files = set(request.files)
            randomly = any(b"random" in text for text in request.files.values())
            heed_warnings()
            if randomly:
                seed()
            program = read_program(request.files, request.main, request.definitions_only)
            structure = read_structure(request.files[request.main], request.main) if request.structure else b""
            _write(replies, pack(Parsed(program.keeps_state, structure)))
            loaded, module = load(program, request.files, lean)
            _flush(mark)
            _write(replies, _bytes_of(loaded))
        else:
            number += 1
            if randomly:
                seed()
            reply = run_case(request, module, files)
            _flush(mark)
            _write(replies, NUMBER.pack(number) + _bytes_of(reply))


def checksums(inputs: dict[str, Any]) -> dict[str, int]:
    """A CRC-32 of every array among the inputs (of an input that is a dict or a list: of all in it)."""
    return {name: _crc(value, 0) for name, value in inputs.items()}


def checksum(inputs: dict[str, Any]) -> int:
    """One checksum of all the inputs, in their order."""
    start = 0
    for value in inputs.values():
        start = _crc(value, start)
    return start


def _crc(value: Any, start: int) -> int:
    if isinstance(value, np.ndarray):
        shape = zlib.crc32(str(value.shape).encode(), start)
        return zlib.crc32(value.data if value.flags.c_contiguous else value.tobytes(), shape)
    if isinstance(value, (list, tuple)):
        for item in value:
            start = _crc(item, start)
        return start
    if isinstance(value, dict):
        for key in sorted(value):
            start = _crc(value[key], zlib.crc32(key.encode(), start))
        return start
    return zlib.crc32(repr(value).encode(), start)


def run_case(request: RunRequest | SlopeRequest, module: dict[str, Any], files: set[str]) -> RunReply:
    """Do one case's plan with the student's functions; whatever they raise is part of the reply."""
    inputs = request.inputs
    _warned.clear()
    try:
        space = module if not request.file else _other(request.file)
        if isinstance(request, SlopeRequest):
            return RunReply(portable(slopes(request.derivative, space, inputs)))
        value = portable(run_plan(_plan(request.plan), space, inputs))
        after = {} if checksum(inputs) == request.before else checksums(inputs)
        return RunReply(value, after=after, warned=_warned)
    except MissingTargetError as error:
        return RunReply(missing=error.target)
    except BrokenChainError as error:
        return RunReply(broken=str(error))
    except BaseException as error:
        return RunReply(error=raised(error, files), warned=_warned)


@lru_cache(16)
def _plan(data: bytes) -> Plan:
    return unpack(data, Plan)


def _other(file: str) -> dict[str, Any]:
    """The namespace of another of the student's files; empty where it is not there."""
    try:
        return importlib.import_module(PurePath(file).stem).__dict__
    except ImportError:
        return {}


def heed_warnings() -> None:
    """Keep NumPy's warnings for the reply; print none."""
    if warnings.showwarning is not _record:
        warnings.simplefilter("always")
        warnings.showwarning = _record


def _record(message: Any, category: Any, *_rest: Any, **_named: Any) -> None:
    if issubclass(category, RuntimeWarning) and len(_warned) < MAX_WARNED:
        _warned.append(str(message)[:200])


def _bytes_of(reply: Loaded | RunReply) -> bytes:
    try:
        return pack(reply)
    except BaseException as error:
        return pack(RunReply(error=Raised(type(error).__name__[:60], "grader", "the reply cannot be sent")))


def seed() -> None:
    """Fixed random numbers, so that a report does not depend on the order of cases."""
    import random

    random.seed(0)
    np.random.seed(0)


def _flush(mark: bytes) -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # a student may have replaced or closed it
            continue
    if mark:
        with suppress(OSError):  # as above
            os.write(2, mark)


def _frames(source: int) -> Iterator[bytes]:
    """The frames that come in, until the other side closes."""
    buffer = bytearray()
    while True:
        while len(buffer) >= HEADER.size:
            end = HEADER.size + HEADER.unpack_from(buffer)[0]
            if len(buffer) < end:
                break
            data = bytes(buffer[HEADER.size : end])
            del buffer[:end]
            yield data
        part = os.read(source, 1 << 18)
        if not part:
            return
        buffer += part


def _write(target: int, data: bytes) -> None:
    view = memoryview(frame(data))
    while view:
        view = view[os.write(target, view) :]
