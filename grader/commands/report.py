"""`grader report`: pages again from a gradebook, with the marks that stand now."""

from __future__ import annotations

import gc
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Write index.html and every student's feedback in DIR again, after marks were changed by hand.

    Example: grader report report
    """
    gc.enable()
    from grader.gradebook.book import FILE, Gradebook
    from grader.publishing import publish, published_key

    with Gradebook.open(folder / FILE) as book:
        key = published_key(folder)
        written = publish(book, key, folder, lambda line: click.echo(line, err=True), every=True)
    click.echo(f"{folder}: {written} students' pages", err=True)
