"""The parent's end of the wire to one worker: never blocks longer than the deadline, whatever the worker does."""

from __future__ import annotations

import os
import select
import socket
import time

from grader.wire import HEADER, frame

CHUNK = 1 << 16


class ChannelError(Exception):
    """The worker did not give a reply; the subclass says why."""


class ClosedError(ChannelError):
    """The worker is gone, or closed its end."""


class DeadlineError(ChannelError):
    """The worker gave no reply in time."""


class OutputLimitError(ChannelError):
    """The worker printed more than it may."""


class ReplyLimitError(ChannelError):
    """The worker's reply is longer than it may be."""


class Channel:
    """A duplex socket for frames and a pipe for what the student's code prints."""

    def __init__(self, wire: socket.socket, log: int, output_limit: int) -> None:
        wire.setblocking(False)
        os.set_blocking(log, False)
        self._wire = wire
        self._log = log
        self._log_open = True
        self._output_limit = output_limit
        self._printed = bytearray()
        self._poll = select.poll()
        self._poll.register(wire, select.POLLIN | select.POLLOUT)
        self._poll.register(log, select.POLLIN)

    def exchange(self, data: bytes, seconds: float, reply_limit: int) -> bytes:
        """Send a frame and wait for the reply's.

        Raises
        ------
        ClosedError, DeadlineError, OutputLimitError, ReplyLimitError
        """
        return self._exchange(memoryview(frame(data)), seconds, reply_limit)

    def hear(self, seconds: float) -> bytes:
        """Wait for the frame that a worker sends of itself when it is ready."""
        return self._exchange(memoryview(b""), seconds, HEADER.size + CHUNK)

    def _exchange(self, to_send: memoryview, seconds: float, reply_limit: int) -> bytes:
        self._printed.clear()
        deadline = time.monotonic() + seconds
        received = bytearray()
        wanted = HEADER.size
        to_send = self._send(to_send) if to_send else to_send
        self._poll.modify(self._wire, select.POLLIN | (select.POLLOUT if to_send else 0))
        while True:
            ready = dict(self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
            if not ready:
                raise DeadlineError
            if self._log in ready:
                self._drain()
            events = ready.get(self._wire.fileno(), 0)
            if to_send and events & select.POLLOUT:
                to_send = self._send(to_send)
                if not to_send:
                    self._poll.modify(self._wire, select.POLLIN)
            if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self._receive(received, wanted - len(received))
                if len(received) == HEADER.size == wanted:
                    length = HEADER.unpack(received)[0]
                    if length > reply_limit:
                        raise ReplyLimitError
                    wanted = HEADER.size + length
                if len(received) == wanted:
                    self._drain()
                    return bytes(received[HEADER.size :])
            if time.monotonic() > deadline:
                raise DeadlineError

    def printed(self) -> str:
        """What was printed during the last exchange, decoded."""
        return self._printed.decode("utf-8", "replace")

    def close(self) -> None:
        """Close the parent's ends."""
        self._wire.close()
        os.close(self._log)

    def _send(self, data: memoryview) -> memoryview:
        try:
            return data[self._wire.send(data[: 1 << 20]) :]
        except BlockingIOError:
            return data
        except OSError:
            raise ClosedError from None

    def _receive(self, into: bytearray, count: int) -> None:
        try:
            part = self._wire.recv(min(count, 1 << 20))
        except BlockingIOError:
            return
        except OSError:
            raise ClosedError from None
        if not part:
            self._drain()
            raise ClosedError
        into += part

    def _drain(self) -> None:
        while self._log_open:
            try:
                part = os.read(self._log, CHUNK)
            except BlockingIOError:
                return
            if not part:
                self._log_open = False
                self._poll.unregister(self._log)
                return
            self._printed += part
            if len(self._printed) > self._output_limit:
                raise OutputLimitError
