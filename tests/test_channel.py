"""The parent's end of a wire keeps to its deadline, however the other end behaves."""

import os
import socket
import struct
import sys

import pytest

from grader.model import Limits
from grader.sandbox.channel import DeadlineError, OutputLimitError
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


@pytest.mark.parametrize("replied", [True, False])
def test_too_much_is_printed_by_the_call_whose_reply_is_not_there_yet(replied):
    channel, theirs, log = channel_pair(Limits(output=10))
    poll = channel._poll

    class LogFirst:
        """A poll that has not seen the reply when it sees what was printed."""

        def poll(self, _wait: float) -> list[tuple[int, int]]:
            ready = poll.poll(1000)
            if replied:
                theirs.send(struct.pack(">I", 3) + b"yes")
            return [one for one in ready if one[0] == channel._log]

    os.write(log, bytes(100))
    channel._poll = LogFirst()
    if replied:
        assert b"yes" == channel.receive(1.0, LONG)
    else:
        with pytest.raises(OutputLimitError):
            channel.receive(1.0, LONG)
    channel.close()
    theirs.close()
    os.close(log)
