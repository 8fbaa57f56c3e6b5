"""The parent's end of a wire keeps to its deadline, however the other end behaves."""

import socket
import struct
import sys

import pytest

from grader.model import Limits
from grader.sandbox.channel import DeadlineError
from grader.sandbox.launch import channel_pair

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the channel polls, as on Linux")

LONG = 20_000


class Dripping:
    """A socket that always has one more byte."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire

    def fileno(self) -> int:
        return self._wire.fileno()

    def recv(self, _size: int) -> bytes:
        return b"x"

    def close(self) -> None:
        self._wire.close()


def test_a_reply_that_comes_byte_by_byte_without_a_pause_ends_at_the_deadline():
    channel, theirs, _log = channel_pair(Limits())
    theirs.send(struct.pack(">I", LONG) + b"x")
    channel._pull()
    theirs.send(b"x")  # stays unread: there is always something to read
    wire, channel._wire = channel._wire, Dripping(channel._wire)
    with pytest.raises(DeadlineError):
        channel.receive(0.0, LONG)
    wire.close()
    theirs.close()
