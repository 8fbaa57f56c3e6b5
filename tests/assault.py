"""Tries the attacks of tests/attacks on the grader, and tells by which signs each of them succeeded.

    PYTHONPATH=tests:. python tests/assault.py [--tier N] [--nobody] [[--off NAME,NAME] [--patience SECONDS] [ATTACK…]]…

Prints {attack: [sign, …]}, one line for each `--off` (one without any). `--off` leaves out defences: of
Defence in the sandbox, of doubles.PATCHES in the parent; where nothing else is left out in the sandbox than
before, its zygotes are not started anew. `--nobody` first becomes an ordinary user. Nothing here judges:
test_attacks.py does.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import doubles
import msgspec
import numpy as np

from grader.model import AnswerKey, Grade, KeyCase, KeyExercise, Limits, Shape, Status, Submission, Within
from grader.pipeline import Grading
from grader.plan import Call, Input, Plan, Result
from grader.reports.data import grades_csv, grades_json, student_json
from grader.reports.text import check_report, class_table
from grader.sandbox.defences import Defence, Tier
from grader.sandbox.system import PR_SET_CHILD_SUBREAPER, prctl
from grader.sandbox.warm import ZygoteLauncher

HERE = Path(__file__).resolve().parent
ATTACKS = HERE / "attacks"
PLANTED = 20260417.5
"""Stands where no submission may look; one that returns it in the visible case has looked."""
HIDDEN = 8675309.25
"""An input of a hidden case; a report in which its digits stand has leaked it."""
NOBODY = 65534
HONEST = "def f(x):\n    return 7.389 * x - 1.25 * x * x\n"
PLAN = Plan((Call("answer", "f", (Input("x"),)),), Result("answer"))
MEMORY = 96 << 20
"""So many bytes more in the parent are a sign."""


class Attack(msgspec.Struct, frozen=True):
    """attack.toml: what it tries, what success would look like, the defence that stops it.

    `sign` is how success shows; `also` are defences behind the first one, off too when it is to
    succeed; `limits` and `bulk` (inputs larger than a socket holds) are what the attack needs;
    `soak` ones take seconds of CPU and run in `make soak` only.
    """

    tries: str
    success: str
    sign: str
    defence: str
    also: list[str] = []
    id: str = "mallory"
    limits: dict[str, int | float] = {}
    bulk: bool = False
    soak: bool = False


class TooLong(BaseException):
    """The grader was not done in time."""


def attacks() -> dict[str, Attack]:
    """All attacks by their folder's name."""
    found = sorted(p.parent for p in ATTACKS.glob("*/attack.toml"))
    return {p.name: msgspec.convert(tomllib.loads((p / "attack.toml").read_text("utf-8")), Attack) for p in found}


def expected(x: np.ndarray) -> np.ndarray:
    """What f is to return; no attack knows it."""
    return 7.389 * x - 1.25 * x * x


def make_key(limits: Limits, bulk: bool = False, hushed: bool = True) -> AnswerKey:
    """One visible case and two hidden ones; with `bulk`, some that no socket holds."""
    inputs = [np.full(3, 1.0), np.full(3, HIDDEN), np.full(3, -HIDDEN), *[np.full(100_000, HIDDEN)] * (3 * bulk)]
    cases = [
        KeyCase(f"c{n}", f"c{n}", n == 0 or not hushed, "all", {"x": x}, PLAN, {"y": Within(expected(x), 1e-6)})
        for n, x in enumerate(inputs)
    ]
    exercise = KeyExercise("f", "f", "f(x)", "a test", Shape.ONE, {"y": 1.0}, {"all": 1.0}, cases)
    return AnswerKey(
        assignment="a", title="", file="work.py", grader="", hidden=True, limits=limits, exercises=[exercise]
    )


class Ground:
    """What an attack could reach for: files, another user's process, ears on the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written, self.others = folder / "written", folder / "class"
        self.restore()
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.name = f"assault-{os.getpid()}"
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind("\0" + self.name)
        self.unix.listen()
        self.bystander: subprocess.Popen[bytes] | None = None
        self.watch()

    def restore(self) -> None:
        """The files as they are before an attack."""
        for path in (self.written, self.others):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.folder, self.written, self.others, self.others / "ada"):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        (self.folder / "answers.key").write_text(f"{PLANTED}\n", "ascii")
        (self.others / "ada" / "work.py").write_text(f"# {PLANTED}\n", "ascii")

    def watch(self) -> None:
        """A process of the worker's own user that has nothing to do with grading."""
        if self.bystander is not None:
            self.bystander.kill()
            self.bystander.wait()
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.bystander = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, **user)
        self.was = self.look()

    def look(self) -> tuple[object, ...]:
        """How the bystander is."""
        assert self.bystander is not None
        pid = self.bystander.pid
        if self.bystander.poll() is not None:
            return ("ended",)
        return (
            sorted(os.sched_getaffinity(pid)),
            os.getpriority(os.PRIO_PROCESS, pid),
            re.findall(r"Max open files.*", Path(f"/proc/{pid}/limits").read_text("ascii")),
        )

    def files(self) -> list[tuple[object, ...]]:
        """Every file with all that could be changed of it, but when it was read."""
        return sorted(
            (str(p), stat.S_IMODE(s.st_mode), s.st_size if p.is_file() else 0, s.st_mtime_ns if p.is_file() else 0)
            for p in [self.folder, *self.folder.rglob("*")]
            for s in [p.lstat()]
        )

    def heard(self) -> bool:
        """Whether anything came over the network."""
        ears = select.select([self.tcp, self.udp, self.unix], [], [], 0)[0]
        for ear in ears:
            ear.recv(100) if ear is self.udp else ear.accept()[0].close()
        return bool(ears)

    def filled(self, text: str) -> str:
        """An attack's source with what it may know of the machine: the worst case."""
        names = {
            "KEY": self.folder / "answers.key",
            "CLASS": self.others,
            "OTHER": self.others / "ada" / "work.py",
            "WRITTEN": self.written,
            "BYSTANDER": self.bystander.pid if self.bystander else 0,
            "PORT": self.port,
            "UNIX": self.name,
            "HARNESS": os.getpid(),
            "IN_ORDER": [float(expected(np.full(1, x))[0]) for x in (1.0, HIDDEN, -HIDDEN)],
        }
        return re.sub(r"@([A-Z_]+)@", lambda found: str(names[found[1]]), text)

    def close(self) -> None:
        """End what listens and sleeps."""
        assert self.bystander is not None
        self.bystander.kill()
        self.bystander.wait()
        for ear in (self.tcp, self.udp, self.unix):
            ear.close()


class Assault:
    """Attacks one after the other, each followed by an honest submission."""

    def __init__(self, tier: Tier, off: Collection[str], ground: Ground) -> None:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.off = set(off)
        self.tier = tier
        self.ground = ground
        self.patience = 30.0
        self.launcher = self._launcher()
        self.honest = Grading(make_key(Limits(wall=10.0)), self.launcher)
        self.baseline = self._honest()

    def holds(self, off: Collection[str]) -> bool:
        """Whether its zygotes are those that leave out these defences of the sandbox, and no others."""
        return in_sandbox(off) == in_sandbox(self.off)

    def _launcher(self) -> ZygoteLauncher:
        launcher = ZygoteLauncher(self.tier, [d for d in Defence if d in self.off])
        for source in (HONEST, f"# random\n{HONEST}"):  # both zygotes are there before anything is counted
            Grading(make_key(Limits(wall=10.0)), launcher, again=False).grade(submission("ada", source))
        return launcher

    def _renew(self) -> None:
        self.launcher.close()
        self.launcher = self._launcher()
        self.honest = Grading(self.honest.key, self.launcher)

    def _honest(self) -> bytes:
        return msgspec.msgpack.encode(self.honest.grade(submission("ada", HONEST)), enc_hook=repr)

    def attempt(self, name: str, attack: Attack) -> list[str]:
        """The signs by which this attack succeeded."""
        self.ground.watch()
        source = self.ground.filled((ATTACKS / name / "work.py").read_text("utf-8"))
        files, processes = self.ground.files(), self._processes()
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        most = peak_memory()
        signs: set[str] = set()
        with self._doubles(attack) as key:
            grading = Grading(key, self.launcher, again="second_run" not in self.off)
            grade = self._graded(grading, submission(attack.id, source), signs)
            if grade is not None:
                signs |= signs_of(grade, key)
            later = ATTACKS / name / "later.py"
            if later.exists():
                grade = self._graded(grading, submission("moll", self.ground.filled(later.read_text("utf-8"))), signs)
                signs |= {"later"} if grade is not None and told(grade) else set()
        if "apart" in self.off and naive(source, make_key(Limits())):
            signs.add("mark")
        if peak_memory() - most > MEMORY:
            signs.add("memory")
        if self._honest() != self.baseline:
            signs.add("later")
        if self._left(processes):
            signs.add("process")
        if self.ground.files() != files:
            signs.add("file")
            self.ground.restore()
        signs |= {"network"} if self.ground.heard() else set()
        signs |= {"bystander"} if self.ground.look() != self.ground.was else set()
        return sorted(signs)

    @contextmanager
    def _doubles(self, attack: Attack) -> Iterator[AnswerKey]:
        given = {"memory": 1 << 30, "reply": 1 << 22, "wall": 5.0, "cpu": 20} | attack.limits
        limits = doubles.limits_without(Limits(**given), self.off)
        with ExitStack() as opened:
            for name in self.off & doubles.PATCHES.keys():
                opened.enter_context(doubles.PATCHES[name]())
            yield make_key(limits, attack.bulk, "hushed" not in self.off)

    def _graded(self, grading: Grading, one: Submission, signs: set[str]) -> Grade | None:
        try:
            with at_most(self.patience):
                return grading.grade(one)
        except TooLong:
            signs.add("time")
        except Exception:
            signs.add("ungraded")
        self._renew()
        return None

    def _processes(self) -> set[int]:
        """The processes below this one, without the zygotes and the bystander."""
        mine = {self.ground.bystander.pid if self.ground.bystander else 0}
        for launcher in (self.launcher, self.launcher._other):
            pid = launcher._process.pid if launcher is not None and launcher._process is not None else 0
            while pid:
                mine.add(pid)
                pid = min(children(pid), default=0) if command(pid).startswith(b"bwrap") else 0
        return {pid for pid in below(os.getpid()) if pid not in mine and not ended(pid)}

    def _left(self, before: set[int]) -> bool:
        """Whether processes are left over; they are ended."""
        deadline = time.monotonic() + 2.0
        while left := self._processes() - before:
            if time.monotonic() > deadline:
                for pid in left:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except OSError:
                        pass
                return True
            time.sleep(0.01)
        return False

    def close(self) -> None:
        """End the zygotes."""
        self.launcher.close()


def in_sandbox(off: Collection[str]) -> set[str]:
    """Those of these defences that the sandbox itself holds."""
    return {d for d in Defence if d in off}


def submission(student: str, source: str) -> Submission:
    return Submission(student, {"work.py": source.encode()}, "work.py", f"{hash(source) & (2**255 - 1):064x}")


def told(grade: Grade) -> bool:
    """Whether the visible case returned what was planted."""
    returned = [e.returned for exercise in grade.exercises for e in exercise.evidence if e.case == "c0"]
    return any(np.array_equal(np.asarray(r, dtype=float), np.full(3, PLANTED)) for r in returned)


TRACES = ("867530", "675309", f"exitcode{int(HIDDEN) % 251}")
FORMULA = re.compile(r'(?:^|,)"?[=+@-]')


def signs_of(grade: Grade, key: AnswerKey) -> set[str]:
    """What a grade and its reports tell of an attack."""
    signs = {"ungraded"} if grade.status is Status.UNGRADED else set()
    signs |= {"mark"} if (grade.score or 0.0) > 0 else set()
    signs |= {"got"} if told(grade) else set()
    shown = [check_report(grade, key), "\n".join(class_table([grade]))]
    data = ["".join(grades_csv([grade], ["f"])), *grades_json(key, "0", [grade]), student_json(grade)]
    for text in [*shown, *data]:
        digits = re.sub(r"[.\s✗]", "", text)
        if any(trace in digits for trace in TRACES):
            signs.add("leak")
    for text in [*shown, data[0]]:
        if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.replace("\r\n", "\n")):
            signs.add("report")
    for text in [*shown, *data]:
        if re.search(r"^\s*::[a-z]|##\[", text, re.MULTILINE) or len(text) > 100_000:
            signs.add("report")
    if any(FORMULA.search(line) for line in data[0].splitlines()):
        signs.add("report")
    return signs


def naive(source: str, key: AnswerKey) -> bool:
    """The peers' way: the student's code runs beside the answers, and a good ending is a pass."""
    pid = os.fork()
    if pid == 0:
        sink = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(sink, descriptor)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(3)
        doubles.grade_in_process(source, key)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block after so long."""

    def late(_signal: int, _frame: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def peak_memory() -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) * 1024 if found else 0


def children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def below(pid: int) -> list[int]:
    return [p for child in children(pid) for p in (child, *below(child))]


def command(pid: int) -> bytes:
    """The name of a process's program."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].rpartition(b"/")[2]
    except OSError:
        return b""


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits only to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def become_nobody() -> None:
    """Become an ordinary user; where Python lies in a folder that others may not enter, show it to them alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    shut = sorted(
        {str(p) for p in _shut(Path(sys.executable).resolve(), Path(sys.executable), HERE, Path(np.__file__))}
    )
    if shut:
        if libc.unshare(0x00020000) != 0:
            raise SystemExit("77: an ordinary user cannot reach this Python, and no mounts can be made")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        for folder in shut:
            subprocess.run(["mount", "--bind", folder, folder], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt"], check=True)
            Path("/mnt/inside").mkdir()
            subprocess.run(["mount", "--bind", folder, "/mnt/inside"], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", folder], check=True)
            for entry in sorted(Path("/mnt/inside").iterdir()):
                shown = Path(folder) / entry.name
                if entry.is_dir() and not entry.is_symlink() and os.stat(entry).st_mode & 0o005:
                    shown.mkdir()
                    subprocess.run(["mount", "--bind", str(entry), str(shown)], check=True)
            subprocess.run(["umount", "-l", "/mnt"], check=True)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    prctl(4, 1)  # dumpable, as the process of any user is


def _shut(*paths: Path) -> Iterator[Path]:
    """The folders above these that others may not enter."""
    for path in paths:
        yield from (p for p in path.parents if not os.stat(p).st_mode & 0o001)


def told_of(assault: Assault, names: Sequence[str], known: dict[str, Attack]) -> dict[str, list[str]]:
    """Attack → the signs by which it succeeded."""
    told = {}
    for name in names:
        started = time.perf_counter()
        told[name] = assault.attempt(name, known[name])
        if os.environ.get("ASSAULT_TIMES"):
            print(f"{name} {time.perf_counter() - started:.2f} {told[name]}", file=sys.stderr, flush=True)
    return told


def words_of(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[argparse.Namespace]]:
    """What is asked for once, and what with each `--off`."""
    once = argparse.ArgumentParser()
    once.add_argument("--tier", type=int, default=1)
    once.add_argument("--nobody", action="store_true")
    each = argparse.ArgumentParser()
    each.add_argument("--off", default="")
    each.add_argument("--patience", type=float, default=30.0)
    each.add_argument("names", nargs="*")
    asked, rest = once.parse_known_args(arguments)
    starts = [n for n, word in enumerate(rest) if word == "--off" or n == 0] or [0]
    return asked, [each.parse_args(rest[a:b]) for a, b in zip(starts, [*starts[1:], len(rest)], strict=True)]


def main(arguments: Sequence[str] | None = None) -> None:
    asked, parts = words_of(sys.argv[1:] if arguments is None else arguments)
    if asked.nobody:
        become_nobody()
    known = attacks()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        ground = Ground(Path(folder))
        opened.callback(ground.close)
        assault: Assault | None = None
        opened.callback(lambda: assault and assault.close())
        for part in parts:
            off = [o for o in part.off.split(",") if o]
            if assault is None or not assault.holds(off):
                if assault is not None:
                    assault.close()
                assault = Assault(Tier(asked.tier), off, ground)
            assault.off, assault.patience = set(off), part.patience
            print(json.dumps(told_of(assault, part.names or list(known), known)), flush=True)


if __name__ == "__main__":
    main()
