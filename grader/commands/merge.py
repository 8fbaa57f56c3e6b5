"""`grader merge`: the report folders of a class's shards joined into the one that a single run writes."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.shards import Part


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option("-o", "into", required=True, type=click.Path(path_type=Path), help="A new folder for the whole class.")
def merge(folders: tuple[Path, ...], into: Path) -> None:
    """Join the report folders of all shards of a class: the same files as of one run.

    Example: grader merge part1 part2 part3 -o report
    """
    gc.enable()
    from grader.gradebook.book import FILE, Gradebook
    from grader.gradebook.merging import discard_book, graded_with, merge_books
    from grader.publishing import publish, published_key
    from grader.reports.files import prepare, write_reports, write_run
    from grader.reports.run import Run
    from grader.shards import check_parts
    from grader.spool import Spool
    from grader.wire import pack

    parts = check_parts(folders)
    order, part = list(parts), next(iter(parts.values()))
    if into.resolve() in {f.resolve() for f in order}:
        raise UsageError(f"{into}: is one of the parts; name a new folder with -o")
    prepare(into)
    merge_books(order, into, part.assignment)
    try:
        with Gradebook.open(into / FILE) as book, Spool(into) as grades:
            for grade in graded_with(book, part.key, part.grader, _handed_in(parts)):
                grades.add(pack(grade))
            _copy_pages(order, into)
            key = published_key(order[0])
            publish(book, key, into, partial(click.echo, err=True))
            write_reports(into, key, part.key, grades)
            started, ended = _times(order)
            write_run(into, Run(key, grades, part.key, started=started, ended=ended))
            told = f"{len(grades)} submissions of {part.shard.of} shards in {into}"
    except BaseException:
        discard_book(into)  # so that the same command can be given again
        raise
    click.echo(told)


def _times(folders: Sequence[Path]) -> tuple[float, float]:
    """When the first part began and the last one ended, as their run.json tell; 0 where none does."""
    from grader.reports.files import run_head

    started, ended = [], []
    for folder in folders:
        try:
            run = run_head(folder)
            started.append(float(run["started"]))
            ended.append(float(run["ended"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return min(started, default=0.0), max(ended, default=0.0)


def _handed_in(parts: Mapping[Path, Part]) -> Iterator[tuple[str, str]]:
    """(student, SHA-256) of every submission of the parts' runs, in the order of the class."""
    import heapq

    def placed(folder: Path, part: Part) -> Iterator[tuple[str, int, str, str]]:
        for number, (student, sha256) in enumerate(_entries(folder)):
            yield part.groups.get(student, student), number, student, sha256

    for _place, _number, student, sha256 in heapq.merge(*(placed(f, p) for f, p in parts.items())):
        yield student, sha256


def _entries(folder: Path) -> Iterator[tuple[str, str]]:
    """The entries of a grades.json, which has one on each line."""
    try:
        with (folder / "grades.json").open(encoding="utf-8") as file:
            next(file)
            for line in file:
                if line != "]}\n":
                    entry = json.loads(line.removesuffix("\n").removesuffix(","))
                    yield entry["id"], entry["sha256"]
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise UsageError(f"{folder / 'grades.json'}: cannot be read ({error}); grade the shard again") from None


def _copy_pages(folders: Sequence[Path], into: Path) -> None:
    """The students' own pages, as the parts have them."""
    for folder in folders:
        if (folder / "students").is_dir():
            for student in os.scandir(folder / "students"):
                try:
                    shutil.copytree(student.path, into / "students" / student.name, dirs_exist_ok=True)
                except OSError as error:
                    raise UsageError(f"{into}: {student.name}'s pages cannot be copied ({error})") from None
