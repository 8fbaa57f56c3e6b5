"""`grader grade`: the key from solutions/ and the secret seed, the class, the report folder."""

from __future__ import annotations

import gc
import os
import time
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader import batch
from grader.engines import Place, open_place
from grader.errors import UsageError
from grader.gradebook import records
from grader.gradebook.book import FILE
from grader.gradebook.pseudonyms import Pseudonyms
from grader.intake.box import shown
from grader.intake.earlier import Earlier
from grader.intake.entries import Entries
from grader.intake.folder import Class, survey
from grader.intake.layouts import Entry
from grader.intake.roster import Person, read_roster
from grader.intake.skim import Skim
from grader.keeping import Keeping
from grader.keyfile import key_hash
from grader.model import AnswerKey, Grade, Status, Submission
from grader.progress import told
from grader.publishing import publish
from grader.reports.files import is_written, prepare, write_pages, write_reports, write_run
from grader.reports.run import Run, seen_from_top, visible_part
from grader.sandbox.defences import Tier
from grader.shards import Part, Shard, begin_part, finish_part, hash_ids
from grader.source import course_source, file_source
from grader.spool import Mark, Spool
from grader.texts import speaking
from grader.values import variant_of

MAX_NAMED = 10


@dataclass(frozen=True)
class Request:
    """What the command line asked for; `about_one` is a format that takes one submission alone."""

    paths: Sequence[Path]
    assignment: str | None
    folder: Path | None
    student: str | None
    here: Path
    roster: Path | None = None
    earlier: Sequence[Path] = ()
    jobs: int = 1
    executor: str = "local"
    shard: Shard | None = None
    tier: int = 1
    unsandboxed: bool = False
    key: Path | None = None
    unproven: bool = False
    pseudonyms: Path | None = None
    apply: str | None = None
    about_one: str = ""


@dataclass(frozen=True)
class Graded:
    """A class as reports see it, its grades in the order of the students' ids; `stopped` when it was interrupted."""

    run: Run
    stopped: bool = False


def run(request: Request, grades: Spool, say: Callable[[str], None]) -> Graded:
    """Grade a class into an empty spool; `say` takes lines for the instructor that are no report.

    Raises
    ------
    UsageError : no course, no such assignment, no submissions, no such student.
    AuthorError : the assignment itself is wrong.
    SandboxError : submissions cannot be confined here as far as was asked for.
    """
    if request.key is not None:
        source = file_source(request.key, request.assignment, unproven=request.unproven)
    else:
        source = course_source(request.here, request.assignment)
    people = None if request.roster is None else read_roster(request.roster)
    with ExitStack() as opened:
        opened.enter_context(speaking(source.language))
        found = opened.enter_context(survey(request.paths, source.file, people, source.released, source.mark))
        class_ = len(found.entries), hash_ids(e.id for e in found.entries)
        if request.shard is not None:
            shard = request.shard
            found.entries = found.entries.only(lambda entry: shard.has(entry.id))
        names = None if request.pseudonyms is None else Pseudonyms.open(request.pseudonyms)
        if names is not None:
            found.entries = _by_pseudonym(found.entries, names)
        wanted = _chosen(found, request)
        if len(wanted) > 1 and request.about_one:
            raise UsageError(f"--format {request.about_one}: is about one submission, got {len(wanted)}; name one")
        earlier = opened.enter_context(Earlier(request.earlier, source.used, people))
        if request.folder is not None:
            prepare(request.folder)
            begin_part(request.folder, request.shard)
        skim = _skim(request)
        if skim is not None:
            opened.enter_context(skim)
        read = found.entries if request.folder else wanted
        coming = opened.enter_context(
            found.reading(read, earlier.complete, earlier.boxes, skim)
        )  # forks: before all others
        tier = Tier.SPAWNED if request.unsandboxed else Tier(request.tier)
        place = opened.enter_context(
            open_place(
                request.executor,
                request.jobs,
                tier,
                source.course or request.here,
                say,
                later=skim is not None,
                count=len(read),
            )
        )
        key = source.key(say)
        if names is not None:
            names.know(_persons(found, people or {}))
        for line in _unmatched(found, key, request):
            say(line if names is None else names.line(line))
        coming = _with_variants(coming, key, people)
        graded = _run(
            key,
            coming,
            len(wanted),
            place,
            source.course,
            people or {},
            names,
            Everybody() if request.student is None else {e.id for e in wanted},
            request,
            grades,
            say,
            lambda known: None if skim is None else skim.tell(_variants(read, key, people or {}), known),
        )
        if request.folder is not None and request.shard is not None and not graded.stopped:
            own = str if names is None else names.of
            groups = {own(one): own(e.id) for e in wanted for one in e.members if one != e.id}
            part = (key.assignment, graded.run.key_hash, request.shard, *class_, groups)
            finish_part(request.folder, Part(*part))
    return graded


def _run(
    key: AnswerKey,
    coming: Iterable[Submission],
    count: int,
    place: Place,
    course: Path | None,
    people: Mapping[str, Person],
    names: Pseudonyms | None,
    wanted: Container[str],
    request: Request,
    grades: Spool,
    say: Callable[[str], None],
    skim: Callable[[Iterable[tuple[int, str, str]]], None],
) -> Graded:
    """Grade what comes, keep it, and write the report folder."""
    gc.freeze()  # the key and the code stay; a collection need not look at them again
    started = time.time()
    with _keeping(request, key, course, people, names) as keeping:
        known = batch.nothing_known if keeping is None else keeping.known
        remembered = batch.nothing_remembered if keeping is None else keeping.remembered
        if keeping is not None:
            skim(keeping.graded())
            coming = _hidden(coming, keeping, wanted)
        stopped = False
        try:
            for one, done in told(place.grade(key, coming, known, remembered), count, say):
                for own in [done] if keeping is None else keeping.keep(one, done):
                    if request.folder is not None:
                        write_pages(request.folder, own.id, own.pages)
                    grades.add(own.grade, own.times)
        except KeyboardInterrupt:
            stopped = True
            say(f"stopped: {len(grades)} are graded and kept; the same command again grades the rest")
        if keeping is not None:
            keeping.close_run(request.apply, say, whole=request.shard is None)
        ended, mark, written = time.time(), "", False
        if request.folder is not None and keeping is not None:
            mark = keeping.mark()
            written = is_written(request.folder, mark)  # and nothing has changed since
            stale = keeping.applied or keeping.book.current != keeping.basis  # a page tells what counts
            if not written:
                publish(keeping.book, key, request.folder, say, every=stale)
    digest = key_hash(key) if keeping is None else keeping.basis.key
    home = _home(request, grades)
    whole = Run(visible_part(key), grades, digest, False, started, ended, home, os.environ)
    if request.folder is not None:
        if not written:
            write_reports(request.folder, key, whole.key_hash, grades)
            write_run(request.folder, whole, mark)
        say(f"report: {request.folder}")
    return Graded(whole, stopped)


def _skim(request: Request) -> Skim | None:
    """Where a gradebook has grades, work that is in it is not read; earlier files would change what is read."""
    if request.folder is None or request.earlier or not hasattr(os, "fork"):
        return None
    return Skim() if (request.folder / FILE).is_file() else None


def _home(request: Request, grades: Spool) -> str:
    """Where the files of a run over one submission are, seen from the repository's top; empty for a class."""
    path = request.paths[0]
    if len(request.paths) != 1 or len(grades) != 1:
        return ""
    files = next(iter(grades)).files
    if path.is_file() and path.name in files:
        return seen_from_top(path.parent)
    return seen_from_top(path) if any((path / name).is_file() for name in files) else ""


def _keeping(
    request: Request, key: AnswerKey, course: Path | None, people: Mapping[str, Person], names: Pseudonyms | None
) -> AbstractContextManager[Keeping | None]:
    """The report folder's gradebook; without a folder nothing is kept."""
    if request.folder is None:
        return nullcontext()
    return Keeping(request.folder, key, course, people, names)


def _hidden(coming: Iterable[Submission], keeping: Keeping, wanted: Container[str]) -> Iterator[Submission]:
    """Submissions under pseudonyms, where they are asked for; of those not wanted what is graded already.

    So the report of a class stays whole when one student is graded again.
    """
    for one in coming:
        hidden = keeping.hidden(one)
        if one.id in wanted or keeping.is_known(hidden):
            yield hidden


def _by_pseudonym(entries: Entries, names: Pseudonyms) -> Entries:
    """The entries in the order of their pseudonyms: that of the ids would tell who is who to one who has a list."""
    hidden = [names.of(entry.id) for entry in entries]
    return entries.chosen(sorted(range(len(entries)), key=hidden.__getitem__))


def _persons(found: Class, people: Mapping[str, Person]) -> Iterator[records.Person]:
    """Everybody who may be named in a line about the class."""
    for entry in found.entries:
        yield records.Person(entry.id, entry.origin.name, entry.origin.email)
        yield from map(records.Person, entry.members)
    for one in people.values():
        yield records.Person(one.id, one.name, one.email)


class Everybody:
    """Has every student."""

    def __contains__(self, _student: object) -> bool:
        return True


def _variants(entries: Sequence[Entry], key: AnswerKey, people: Mapping[str, Person]) -> Sequence[int]:
    """The variant of each entry, as of `_with_variants`."""
    if not people:
        return array("I", bytes(4 * len(entries)))
    return array("I", (variant_of(e.id, key.variants) if e.id in people else 0 for e in entries))


def _chosen(found: Class, request: Request) -> Sequence[Entry]:
    """The entries asked for; a member of a group is asked for by the member's own id too.

    Raises
    ------
    UsageError : there is none of that student.
    """
    if request.student is None:
        return found.entries
    chosen = [e for e in found.entries if request.student in (e.id, *e.members)]
    if not chosen:
        named = ", ".join(e.id for e in found.entries[:MAX_NAMED])
        named += " …" if len(found.entries) > MAX_NAMED else ""
        raise UsageError(f"--student {request.student}: expected one of {named}")
    return chosen


def _with_variants(
    coming: Iterable[Submission], key: AnswerKey, people: Mapping[str, Person] | None
) -> Iterator[Submission]:
    """Each submission with the variant that the roster's id picks; without a roster, variant 0."""
    for one in coming:
        known = people is not None and one.id in people
        yield msgspec.structs.replace(one, variant=variant_of(one.id, key.variants)) if known else one


def _unmatched(found: Class, key: AnswerKey, request: Request) -> Iterator[str]:
    """What the instructor should know of submissions and roster before grading begins."""
    yield from found.told
    if found.passed:
        named = ", ".join(map(shown, found.passed[:MAX_NAMED])) + (" …" if len(found.passed) > MAX_NAMED else "")
        hidden = request.pseudonyms is not None  # a file's name may name somebody
        yield f"passed over, no .py, .ipynb or archive: {len(found.passed) if hidden else named}"
    for name in found.strangers:
        yield f"{name}: is not in {request.roster}" + ("; graded as variant 0" if key.variants else "")
    for person in found.missing:
        yield f"{person.id}: is in {request.roster} and handed in nothing"


def exit_code(grades: Iterable[Grade | Mark], fail_under: float | None, exit_zero: bool = False) -> int:
    """0 all full marks (a class: every submission graded), 1 not, 3 our fault, 4 unreadable.

    Parameters
    ----------
    fail_under : per cent; 1 only where a mark is under it.
    exit_zero : 0 whatever the marks are; a fault of ours stays one.
    """
    count, under, last = 0, False, None
    for last in grades:
        count += 1
        if last.status is Status.UNGRADED:
            return 3
        under = under or (last.score or 0.0) * 100 < (fail_under or 0.0) * last.max_score
    if exit_zero or last is None:
        return 0
    if count == 1 and last.status is Status.UNREADABLE:
        return 4
    if fail_under is not None:
        return int(under)
    return 0 if count > 1 or last.score == last.max_score else 1
