"""The wire over pipes: replies and prints come by two of them, in whatever order."""

import contextlib
import subprocess
import sys

import pytest

from grader.sandbox.channel import OutputLimitError
from grader.sandbox.pipes import PipeChannel
from grader.sandbox.protocol import MARK
from grader.wire import frame


@contextlib.contextmanager
def channel_to(program, output_limit=1000):
    command = [sys.executable, "-c", f"import sys, time\nout, err = sys.stdout.buffer, sys.stderr.buffer\n{program}"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    channel = PipeChannel(process, output_limit)
    yield channel
    channel.close()
    process.wait()


def say(stream, data):
    return f"{stream}.write({data!r}); {stream}.flush()\n"


def test_what_was_printed_is_waited_for_though_the_reply_is_here_before_it():
    program = (
        say("out", frame(b"reply"))
        + "time.sleep(0.1)\n"
        + say("err", b"late")
        + "time.sleep(0.1)\n"
        + say("err", b"r\n" + MARK + b"of the next")
        + "sys.stdin.read()"
    )
    with channel_to(program) as channel:
        assert b"reply" == channel.receive(5, 100)
        assert "later\n" == channel.printed()
        assert "of the next" == channel._printed.decode()


def test_a_worker_that_ends_is_not_waited_for():
    with channel_to(say("out", frame(b"reply")) + say("err", b"without a mark")) as channel:
        assert b"reply" == channel.receive(5, 100)
        assert "without a mark" == channel.printed()


def test_too_much_is_told_though_no_mark_comes():
    program = say("out", frame(b"reply")) + "time.sleep(0.2)\n" + say("err", b"x" * 1001) + "sys.stdin.read()"
    with channel_to(program) as channel:
        assert b"reply" == channel.receive(5, 100)
        with pytest.raises(OutputLimitError):
            channel.printed()
