"""The parent's end of the wire to one worker: never blocks longer than the deadline, whatever the worker does."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from typing import Protocol

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


class Line(Protocol):
    """What the parent says to a worker over, whatever kind of process that is; raises as a Channel does."""

    def send(self, *messages: bytes) -> None:
        """As Channel.send."""

    def receive(self, seconds: float, reply_limit: int, /) -> bytes:
        """As Channel.receive."""

    def printed(self) -> str:
        """As Channel.printed."""

    def close(self) -> None:
        """As Channel.close."""


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
        self._received = bytearray()
        self._to_send = memoryview(b"")
        self._poll = select.poll()
        self._poll.register(wire, select.POLLIN)
        self._poll.register(log, select.POLLIN)

    def send(self, *messages: bytes) -> None:
        """Send each message as a frame; what the worker does not take yet goes out while `receive` waits.

        Raises
        ------
        ClosedError
        """
        self._to_send = memoryview(b"".join([self._to_send, *map(frame, messages)]))
        self._push()
        self._poll.modify(self._wire, select.POLLIN | (select.POLLOUT if self._to_send else 0))

    def receive(self, seconds: float, reply_limit: int) -> bytes:
        """The next frame's content, waited for at most so long.

        Raises
        ------
        ClosedError, DeadlineError, OutputLimitError, ReplyLimitError
        """
        self._printed.clear()
        reply = self._taken(reply_limit)
        deadline = time.monotonic() + seconds if reply is None else 0.0
        while reply is None:
            ready = dict(self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
            if not ready:
                raise DeadlineError
            if self._log in ready:
                try:
                    self._drain()
                except OutputLimitError:
                    return self._ahead_of_output(reply_limit)
            events = ready.get(self._wire.fileno(), 0)
            if events & select.POLLOUT:
                self._push()
                if not self._to_send:
                    self._poll.modify(self._wire, select.POLLIN)
            if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self._pull()
                reply = self._taken(reply_limit)
            if reply is None and time.monotonic() > deadline:  # however busily a reply comes, byte by byte
                raise DeadlineError
        return reply

    def printed(self) -> str:
        """What was printed before the last frame that was received, decoded.

        Raises
        ------
        OutputLimitError
        """
        self._drain()
        text = self._printed.decode("utf-8", "replace")
        self._printed.clear()
        return text

    def close(self) -> None:
        """Close the parent's ends."""
        self._wire.close()
        os.close(self._log)

    def _push(self) -> None:
        while self._to_send:
            try:
                self._to_send = self._to_send[self._wire.send(self._to_send[: 1 << 20]) :]
            except BlockingIOError:
                return
            except OSError:
                raise ClosedError from None

    def _pull(self) -> None:
        try:
            part = self._wire.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            raise ClosedError from None
        if not part:
            self._drain()
            raise ClosedError
        self._received += part

    def _ahead_of_output(self, reply_limit: int) -> bytes:
        """The reply that was given before too much was printed: then it is the next call, sent ahead, that prints.

        Raises
        ------
        OutputLimitError : there is none, so that this call prints.
        """
        with suppress(ClosedError):
            length = -1
            while length < len(self._received) <= reply_limit:  # a worker may write without end
                length = len(self._received)
                self._pull()
        reply = self._taken(reply_limit)
        if reply is None:
            raise OutputLimitError
        return reply

    def _taken(self, reply_limit: int) -> bytes | None:
        """The first whole frame among what has been received, taken out of it."""
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
