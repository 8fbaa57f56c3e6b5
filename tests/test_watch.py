"""`grader check --watch` in a real terminal: saves, keys, unfinished edits, and the terminal given back whatever happens."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.student.keys import BACK, OWN_SCREEN
from grader.student.saves import Saves

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is POSIX's")
ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Watched:
    """A watching process in a terminal of 24 rows and 80 columns."""

    def __init__(self, folder, *words, columns=80, **environ):
        import fcntl
        import struct
        import termios

        self.file = folder / "layers.py"
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "check", "--watch", *words],
            cwd=folder, stdin=slave, stdout=slave, stderr=slave, process_group=0,
            env={**environment, "TERM": "xterm", "PYTHONPATH": str(ROOT), **environ},
        )  # fmt: skip
        self.seen = ""

    def until(self, *texts):
        """Read until the latest picture holds these texts; the picture without its colours."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            picture = SEQUENCE.sub("", self.seen.rpartition("\x1b[H")[2])
            if all(text in picture for text in texts):
                return picture
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        raise AssertionError(f"{texts} not in {picture!r}")

    def press(self, key):
        os.write(self.master, key.encode())

    def ended(self):
        """Wait for the end; the exit code, when the terminal is as it was."""
        import termios

        ends = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < ends:
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
        while select.select([self.master], [], [], 0.1)[0]:
            self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
        assert termios.tcgetattr(self.slave) == self.before
        assert self.seen.rfind(BACK) > self.seen.rfind(OWN_SCREEN) >= 0
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "assignments" / "affine", tmp_path / "affine")
    return tmp_path / "affine"


@pytest.fixture
def watch(folder):
    started = []

    def start(*words, **more):
        started.append(Watched(folder, *words, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def do(file, name, body):
    text = file.read_text("utf-8")
    begin = text.index("    # your code here", text.index(f"def {name}("))
    file.write_text(text[:begin] + body + text[text.index("\n", begin) :], "utf-8")


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


FOOT = "n next   h hint   l list   q quit"


def test_saves_keys_and_an_unfinished_edit(watch):
    one = watch()
    picture = one.until("affine  ············  0 of 12 done", FOOT, "· flatten_batch  A batch of images as rows")
    assert picture.count("0 of 12 done") == 1

    do(one.file, "dL_db", "    grad = dL_dY.mean(axis=0)")
    one.until("affine  ·········✗··  0 of 12 done", "✗ dL_db", "averaged over the batch.", "A hint: press h")
    one.press("h")
    one.until("hint 1 of")
    one.press("l")
    one.until("✗ dL_db                   The gradient of the biases – wrong: grad", "· merge_bias")
    one.press("l")
    one.press("n")
    one.until("· merge_bias  The bias merged into X and W")

    edit(one.file, "dL_dY.mean(axis=0)", "(dL_dY.sum(axis=0)")
    one.until(
        "Not finished yet? layers.py:",
        "'(' was never closed",
        "It is checked again when you save.",
        "0 of 12 done",
        FOOT,
    )
    edit(one.file, "(dL_dY.sum(axis=0)", "dL_dY.sum(axis=0)")
    one.until("affine  ·········✓··  1 of 12 done", FOOT)

    text = one.file.read_bytes()
    one.file.unlink()
    (one.file.parent / "layers.ipynb").unlink()
    one.until("Not finished yet? ", "expected your work here", "1 of 12 done", FOOT)
    one.file.write_bytes(text)
    one.until("affine  ·········✓··  1 of 12 done", "· flatten_batch", FOOT)
    one.press("q")
    assert one.ended() == 1
    assert one.seen.rstrip().endswith("1 of 12 done")


def test_what_has_just_become_right_is_told_and_the_next_one_follows(watch):
    one = watch()
    do(one.file, "dL_db", "    grad = dL_dY.mean(axis=0)")
    one.until("✗ dL_db")
    edit(one.file, "mean", "sum")
    one.until("✓ dL_db: visible cases passed", "· flatten_batch")
    shutil.copy(ROOT / "solutions" / "affine" / "layers.py", one.file)
    one.until("✓✓✓✓✓✓✓✓✓✓✓✓  12 of 12 done", "Visible cases passed.")
    one.press("q")
    assert one.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_the_terminal_is_given_back_when_the_program_is_ended(watch, number):
    one = watch()
    one.until(FOOT)
    one.process.send_signal(number)
    assert one.ended() == (130 if number is signal.SIGINT else 128 + number)


def test_a_stopped_program_lends_the_terminal_and_takes_it_again(watch):
    import termios

    one = watch()
    one.until(FOOT)
    one.process.send_signal(signal.SIGCONT)  # one that nobody stopped goes on, and still knows how the terminal was
    one.process.send_signal(signal.SIGTSTP)
    ends = time.monotonic() + PATIENCE
    while one.seen.count(BACK) < 1 and time.monotonic() < ends:
        if select.select([one.master], [], [], 0.1)[0]:
            one.seen += os.read(one.master, 65536).decode("utf-8", "replace")
    while not os.waitid(os.P_PID, one.process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG) and time.monotonic() < ends:
        time.sleep(0.05)
    assert termios.tcgetattr(one.slave) == one.before
    one.process.send_signal(signal.SIGCONT)
    one.seen = one.seen + "\x1b[H"
    one.until(FOOT)
    one.press("q")
    assert one.ended() == 1


def test_no_module_of_an_earlier_check_is_kept(watch, folder):
    (folder / "helpers.py").write_text("def summed(a):\n    return a.mean(axis=0)\n", "utf-8")
    do(folder / "layers.py", "dL_db", "    from helpers import summed\n    grad = summed(dL_dY)")
    one = watch("-e", "dL_db")
    one.until("affine  ✗  0 of 1 done")
    edit(folder / "helpers.py", "mean", "sum")
    one.until("affine  ✓  1 of 1 done", "Visible cases passed.")


def test_a_narrow_terminal_and_one_without_colour(watch):
    one = watch(columns=40, NO_COLOR="1", PYTHONIOENCODING="ascii")
    picture = one.until("affine  ............  0 of 12 done", FOOT)
    assert "\x1b[3" not in one.seen
    assert all(len(line) <= 40 for line in picture.split("\r\n"))


def test_without_a_terminal_it_prints_and_goes_on(folder):
    do(folder / "layers.py", "dL_db", "    grad = dL_dY.mean(axis=0)")
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "check", "--watch"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, encoding="utf-8",
    )  # fmt: skip
    try:
        assert any("0 of 12 done" in line for line in iter(process.stdout.readline, ""))
        edit(folder / "layers.py", "mean", "sum")
        line = next(line for line in iter(process.stdout.readline, "") if "of 12 done" in line)
        assert line == "affine  ·········✓··  1 of 12 done\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_workers_elsewhere_are_started_ahead(watch):
    one = watch("-e", "dL_db", GRADER_SPAWN="1")
    one.until("affine  ·  0 of 1 done")
    do(one.file, "dL_db", "    grad = dL_dY.sum(axis=0)")
    one.until("affine  ✓  1 of 1 done")
    one.press("q")
    assert one.ended() == 0


# --------------------------------------------------------------------------------------------- saves


def test_a_save_is_seen_once_and_what_is_no_work_is_not(tmp_path):
    saves = Saves(tmp_path)
    assert not saves.changed()
    (tmp_path / "layers.py").write_text("x = 1\n", "utf-8")
    assert saves.changed() and not saves.changed()
    (tmp_path / "layers.py.swp").write_text("x", "utf-8")
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    assert not saves.changed()
    new = tmp_path / "new"
    new.write_text("x = 2\n", "utf-8")
    new.replace(tmp_path / "layers.py")
    assert saves.changed() and not saves.changed()
    (tmp_path / "layers.py").unlink()
    assert saves.changed() and not saves.changed()


def test_a_file_that_is_being_written_is_waited_for(tmp_path, monkeypatch):
    file = tmp_path / "layers.py"
    file.write_text("", "utf-8")
    saves = Saves(tmp_path)
    assert saves.changed()
    rest = ["a = 1\n", "b = 2\n", "c = 3\n"]

    def sleep(_seconds):
        if rest:
            file.write_text(file.read_text("utf-8") + rest.pop(0), "utf-8")

    monkeypatch.setattr(time, "sleep", sleep)
    file.write_text("# begun\n", "utf-8")
    assert saves.changed()
    assert file.read_text("utf-8") == "# begun\na = 1\nb = 2\nc = 3\n"
    assert not saves.changed()


def test_a_folder_that_goes_away_is_a_change(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.py").write_text("", "utf-8")
    saves = Saves(tmp_path / "work")
    assert saves.changed()
    shutil.rmtree(tmp_path / "work")
    assert saves.changed() and not saves.changed()


def test_a_signal_while_the_picture_is_painted_breaks_nothing():
    """Ctrl-Z comes at any time: what is painted goes past Python's buffer, which no second writer may enter."""
    from grader.student.keys import BACK as back
    from grader.student.keys import Screen

    read, write = os.pipe()
    with os.fdopen(write, "w", encoding="utf-8") as output:
        screen = Screen(output, read)
        kept = []
        own = os.write

        def interrupted(descriptor, data):
            if not kept:
                kept.append(True)
                screen._give_back()
            return own(descriptor, data)

        os.write = interrupted
        try:
            screen._show("picture")
        finally:
            os.write = own
    assert os.read(read, 100).decode() == f"{back}picture"
    os.close(read)
