"""`grader check --watch`: checks again when a file is saved, with a progress line always in view."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import GraderError, SubmissionError, UsageError
from grader.model import AnswerKey, Grade, Limits
from grader.reports.run import Run, Telling
from grader.reports.terminal import Look, fitted, look_of
from grader.reports.text import check_report, listing, next_unfinished, progress, solved
from grader.sandbox.launch import Launcher, ReadyLauncher
from grader.schedule import only
from grader.student.check import ALL, SPAWN_VARIABLE, checked
from grader.student.home import EXAMPLES, read_examples, require_numpy
from grader.student.keys import QUIT, Screen
from grader.student.memory import finding_of, next_step, steps_of
from grader.student.saves import POLL_SECONDS, Saves
from grader.texts import ENGLISH, say, speaking, wanted_language


class Warm:
    """Launchers for one check after the other, each with a worker that has NumPy already.

    Made before the examples are read. On Linux workers are forked from a child that never held
    them; elsewhere a fresh process is started ahead of each check.
    """

    def __init__(self) -> None:
        self._nursery: Launcher | None = None
        self._ready: ReadyLauncher | None = None
        if sys.platform == "linux" and not os.environ.get(SPAWN_VARIABLE):
            from grader.sandbox.nursery import NurseryLauncher

            self._nursery = NurseryLauncher()
        self.prepare()

    def prepare(self) -> None:
        """Have the next worker ready."""
        if self._nursery is None:
            from grader.sandbox.spawn import SpawnLauncher

            self._ready = ReadyLauncher(SpawnLauncher(), Limits())

    def launcher(self) -> Launcher:
        """The launcher of the next check."""
        launcher = self._nursery or self._ready
        assert launcher is not None
        return launcher

    def done(self) -> None:
        """A check is over: make the next one ready."""
        if self._ready is not None:
            self._ready.close()
            self.prepare()

    def close(self) -> None:
        """End what waits."""
        for launcher in (self._nursery, self._ready):
            if launcher is not None:
                launcher.close()


class Watch:
    """A student's work, checked again and again; what is told of it, and which exercise."""

    def __init__(self, path: Path, exercises: Sequence[str], warm: Warm) -> None:
        self.path = path
        self.folder = path if path.is_dir() else path.parent
        self.run: Run | None = None
        self.problem = ""
        self.listed = False
        self._warm = warm
        self._exercises = () if ALL in exercises else tuple(exercises)
        self._every = ALL in exercises
        self._key: AnswerKey | None = None
        self._key_stamp: object = None
        self._chosen = ""
        self._solved = ""

    def check(self) -> None:
        """Check once more. A file that cannot be read now is told, and the last result stays."""
        before = self._standing()
        try:
            self.run = checked(self.path, self._examples(), self._warm.launcher(), self._exercises)
            self.problem = ""
        except SubmissionError as error:
            self.problem = self._say("watch.unfinished", problem=error)
        except GraderError as error:
            self.problem = str(error)
        finally:
            self._warm.done()
        self._solved = ""
        if before and self.grade is not None:
            self._follow(before, self.grade)

    @property
    def grade(self) -> Grade | None:
        """The last grade."""
        return next(iter(self.run.grades)) if self.run is not None else None

    def _standing(self) -> dict[str, tuple[object, ...]]:
        """Exercise → all that a student would see change."""
        grade = self.grade
        return {e.id: (e.score, e.outcome, e.message, finding_of(e)) for e in grade.exercises} if grade else {}

    def _follow(self, before: dict[str, tuple[object, ...]], grade: Grade) -> None:
        """Tell of the exercise that the save was about: the chosen one, if it changed, else the first that did."""
        now = self._standing()
        changed = [e for e in grade.exercises if now[e.id] != before.get(e.id)]
        about = next((e for e in changed if e.id == self._chosen), next(iter(changed), None))
        if about is not None and solved(about):
            self._solved, self._chosen = about.id, ""
        elif about is not None:
            self._chosen = about.id

    def next(self) -> None:
        """Tell of the unfinished exercise after this one."""
        grade = self.grade
        if grade is None:
            return
        left = [e.id for e in grade.exercises if not solved(e)]
        told = self._told()
        later = left[left.index(told) + 1 :] if told in left else []
        self._chosen = next(iter(later or left), "")
        self._solved = ""
        self.listed = False

    def hint(self) -> None:
        """Go one step further with the hint to this exercise."""
        grade, told = self.grade, self._told()
        self.listed = False
        if grade is not None and self.run is not None and told:
            next_step(self.folder, next(e for e in grade.exercises if e.id == told))
            self.run = msgspec.structs.replace(
                self.run, telling=msgspec.structs.replace(self.run.telling or Telling(), asked=True)
            )

    def body(self, look: Look) -> list[str]:
        """What is told, line by line, fitted to the terminal."""
        with speaking(self.language):
            return self._body(look)

    def _body(self, look: Look) -> list[str]:
        lines: list[str] = []
        if self.problem:
            lines += [*self.problem.split("\n"), "", say("watch.again")]
        elif self._solved:
            lines += [f"✓ {say('watch.solved', exercise=self._solved)}", ""]
        grade = self.grade
        if self.run is not None and grade is not None and not self.problem:
            if self.listed:
                lines += listing(grade, self.run.key)
            else:
                telling = msgspec.structs.replace(
                    self.run.telling or Telling(),
                    width=look.width,
                    every=self._every,
                    chosen=self._told(),
                    steps=steps_of(self.folder, grade.exercises),
                    ask=say("watch.press"),
                )
                lines += check_report(grade, self.run.key, telling).rstrip("\n").split("\n")[2:]
        return "".join(fitted(["\n".join(lines)], look)).split("\n")

    def progress(self) -> str:
        """The progress line."""
        grade = self.grade
        with speaking(self.language):
            return "" if grade is None or self.run is None else progress(grade, self.run.key)

    def keys(self) -> str:
        """The line of keys."""
        return self._say("watch.keys")

    @property
    def language(self) -> str:
        """The language of what is told."""
        return self._key.language if self._key is not None else ENGLISH

    def _say(self, name: str, **places: object) -> str:
        with speaking(self.language):
            return say(name, **places)

    def more(self, count: int) -> str:
        """What stands in the place of lines for which there is no room."""
        return "".join(fitted([self._say("watch.more", count=count)], look_of(sys.stdout)))

    def _told(self) -> str:
        grade = self.grade
        if grade is None:
            return ""
        known = {e.id for e in grade.exercises}
        if self._chosen in known:
            return self._chosen
        found = next_unfinished(grade)
        return found.id if found is not None else ""

    def _examples(self) -> AnswerKey:
        """The examples, read again only when they have changed."""
        try:
            told = (self.folder / EXAMPLES).stat()
            stamp: object = (told.st_mtime_ns, told.st_size)
        except OSError:
            stamp = None
        if self._key is None or stamp is None or stamp != self._key_stamp:
            key = read_examples(self.folder, self._exercises)
            self._key = only(key, self._exercises) if self._exercises else key
            self._key_stamp = stamp
        return self._key


def watch(path: Path, exercises: Sequence[str]) -> bool:
    """Check PATH now and after every save, until the student quits; whether all passed at the end.

    Raises
    ------
    UsageError : there is nothing to watch.
    """
    require_numpy()
    if not path.exists():
        with speaking(wanted_language()):
            raise UsageError(say("home.nothing", path=path))
    warm = Warm()
    try:
        watched = Watch(path, exercises, warm)
        read_examples(watched.folder, watched._exercises)
        if _has_screen():
            _on_screen(watched)
            print("".join(fitted([watched.progress()], look_of(sys.stdout))))
        else:
            _line_by_line(watched)
    finally:
        warm.close()
    grade = watched.grade
    return grade is not None and not watched.problem and grade.score == grade.max_score


def _has_screen() -> bool:
    """Whether there is a terminal that can be painted and has keys."""
    ours = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    return ours and os.environ.get("TERM") != "dumb" and (sys.platform != "win32" or look_of(sys.stdout, {}).colour)


def _line_by_line(watched: Watch) -> None:
    """Without a terminal: print each result and go on."""
    look, saves = look_of(sys.stdout), Saves(watched.folder)
    while True:
        if saves.changed():
            watched.check()
            foot = "".join(fitted([watched.progress()], look))
            print("\n".join([*watched.body(look), foot, ""]), flush=True)
        time.sleep(POLL_SECONDS)


def _on_screen(watched: Watch) -> None:
    saves = Saves(watched.folder)

    def paint() -> None:
        look = look_of(sys.stdout)
        foot = [*"".join(fitted([watched.progress()], look)).split("\n"), "".join(fitted([watched.keys()], look))]
        screen.paint(watched.body(look), foot, watched.more)

    with Screen(sys.stdout, sys.stdin.fileno()) as screen:
        screen.repaint = paint
        size = None
        while True:
            now = os.get_terminal_size(sys.stdout.fileno())
            if saves.changed():
                watched.check()
                paint()
            elif now != size:
                paint()
            size = now
            match screen.key(POLL_SECONDS):
                case "":
                    continue
                case "n":
                    watched.next()
                case "h":
                    watched.hint()
                case "l":
                    watched.listed = not watched.listed
                case key if key == QUIT:
                    return
            paint()
