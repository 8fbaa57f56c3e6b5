"""The parent's end of the wire to a spawned worker, over pipes and threads: it works on every system."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
import time

from grader.sandbox.channel import CHUNK, ClosedError, DeadlineError, OutputLimitError, ReplyLimitError
from grader.sandbox.protocol import MARK
from grader.wire import HEADER, frame

SETTLE_SECONDS = 1.0
"""What was printed before a reply comes by another pipe, and MARK after it; so long they are given to arrive."""
JOIN_SECONDS = 1.0


class PipeChannel:
    """As channel.Channel, on the standard streams of a process."""

    def __init__(self, process: subprocess.Popen[bytes], output_limit: int) -> None:
        self._process = process
        self._output_limit = output_limit
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._incoming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._received = bytearray()
        self._printed = bytearray()
        self._ended = False
        self._lock = threading.Condition()
        self._threads = [threading.Thread(target=w, daemon=True) for w in (self._write, self._read, self._listen)]
        for thread in self._threads:
            thread.start()

    def send(self, *messages: bytes) -> None:
        """As Channel.send; a thread does the waiting."""
        self._outgoing.put(b"".join(map(frame, messages)))

    def receive(self, seconds: float, reply_limit: int) -> bytes:
        """As Channel.receive."""
        with self._lock:
            self._printed.clear()
        deadline = time.monotonic() + seconds
        while (reply := self._taken(reply_limit)) is None:
            try:
                left = deadline - time.monotonic()
                if left < 0:  # however busily a reply comes, byte by byte
                    raise DeadlineError
                part = self._incoming.get(timeout=left)
            except queue.Empty:
                raise DeadlineError from None
            with self._lock:
                if self._over():
                    raise OutputLimitError
            if not part:
                raise ClosedError
            self._received += part
        return reply

    def printed(self) -> str:
        """As Channel.printed."""
        with self._lock:
            self._lock.wait_for(lambda: self._ended or self._over() or MARK in self._printed, SETTLE_SECONDS)
            over = self._over()
            text, _mark, rest = self._printed.partition(MARK)
            self._printed = rest
        if over:
            raise OutputLimitError
        return text.decode("utf-8", "replace")

    def close(self) -> None:
        """Close the parent's ends, when the process has ended."""
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join(JOIN_SECONDS)

    def _taken(self, reply_limit: int) -> bytes | None:
        if len(self._received) < HEADER.size:
            return None
        length = HEADER.unpack_from(self._received)[0]
        if length > reply_limit:
            raise ReplyLimitError
        end = HEADER.size + length
        if len(self._received) < end:
            return None
        reply = bytes(self._received[HEADER.size : end])
        del self._received[:end]
        return reply

    def _over(self) -> bool:
        return len(self._printed) > self._output_limit

    def _write(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            while (data := self._outgoing.get()) is not None:
                self._process.stdin.write(data)
                self._process.stdin.flush()
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream, contextlib.suppress(OSError):
            while part := os.read(stream.fileno(), CHUNK):
                self._incoming.put(part)
        self._incoming.put(b"")

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream, contextlib.suppress(OSError):
            while part := os.read(stream.fileno(), CHUNK):
                with self._lock:
                    kept = not self._over()
                    if kept:
                        self._printed += part
                        self._lock.notify()
                if not kept:
                    self._incoming.put(b"")  # wakes the parent, which ends the worker
        with self._lock:
            self._ended = True
            self._lock.notify()
