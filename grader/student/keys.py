"""A terminal while it is watched: keys without Enter, a screen of its own, and all of it put back whatever happens."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any, TextIO

OWN_SCREEN, BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, REST = "\x1b[H", "\x1b[K", "\x1b[J"
QUIT = "q"


class Screen:
    """Standard output as a screen that is painted anew, and standard input key by key.

    Entering it takes the terminal over; leaving it, by whatever way, gives it back: an exception, the
    signals that end a program, and Ctrl-Z, which lends it to the shell for a while.
    """

    def __init__(self, output: TextIO, source: int) -> None:
        self._output = output
        self._source = source
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._pressed = ""
        self.repaint: Callable[[], None] = _nothing

    def __enter__(self) -> Screen:
        for number, handler in self._answers().items():
            self._handlers[number] = signal.signal(number, handler)
        self._take()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def paint(self, body: Sequence[str], foot: Sequence[str], more: Callable[[int], str]) -> None:
        """Show the lines of `body`, as many as there is room for, and under them `foot`, always whole.

        `more` tells of so many lines for which there is none.
        """
        rows = os.get_terminal_size(self._output.fileno()).lines or 24  # 0 where nobody told the terminal
        room = max(1, rows - len(foot))
        shown = list(body)
        if len(shown) > room:
            shown = [*shown[: room - 1], more(len(shown) - room + 1)]
        shown += [""] * (room - len(shown))
        text = "\n".join(f"{line}{END_OF_LINE}" for line in [*shown, *foot])
        self._show(f"{HOME}{text}{REST}")

    def key(self, seconds: float) -> str:
        """The key that is pressed within that time, in lower case; "" where none is."""
        if sys.platform == "win32":
            return _key_on_windows(seconds)
        if not self._pressed and select.select([self._source], [], [], seconds)[0]:
            data = os.read(self._source, 64)
            if not data or b"\x04" in data:
                return QUIT  # the terminal is gone, or Ctrl-D
            self._pressed = "" if data[:1] == b"\x1b" else data.decode("ascii", "replace").lower()
        key, self._pressed = self._pressed[:1], self._pressed[1:]
        return key

    def _take(self) -> None:
        if sys.platform != "win32":
            import termios
            import tty

            if self._before is None:  # else it was taken already: a signal to go on came without one to stop
                self._before = termios.tcgetattr(self._source)
            tty.setcbreak(self._source)
        self._show(OWN_SCREEN)

    def _show(self, text: str) -> None:
        """Write to the terminal past Python's buffer: a signal may come while it is being written to."""
        if sys.platform == "win32":  # its consoles take text, and have none of these signals
            self._output.write(text)
            self._output.flush()
            return
        data = memoryview(text.encode(self._output.encoding or "utf-8", "replace"))
        while data:
            data = data[os.write(self._output.fileno(), data) :]

    def _give_back(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._show(BACK)
        if self._before is not None and sys.platform != "win32":
            import termios

            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._source, termios.TCSADRAIN, self._before)
            self._before = None

    def _answers(self) -> dict[int, Any]:
        ending = {signal.SIGTERM: _leave}
        if sys.platform == "win32":
            return dict(ending)
        return ending | {signal.SIGHUP: _leave, signal.SIGTSTP: self._lend, signal.SIGCONT: self._resume}

    def _lend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: give the terminal back, and stop."""
        self._give_back()
        own = signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, own)

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(OSError):
            self._take()
            self.repaint()


def _nothing() -> None:
    return None


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _key_on_windows(seconds: float) -> str:
    if sys.platform != "win32":
        return ""
    import msvcrt

    ends = time.monotonic() + seconds
    while not msvcrt.kbhit():
        if time.monotonic() > ends:
            return ""
        time.sleep(0.02)
    pressed = msvcrt.getwch()
    if pressed in "\x00\xe0":  # an arrow or a function key comes in two parts
        msvcrt.getwch()
        return ""
    return QUIT if pressed == "\x04" else pressed.lower()
