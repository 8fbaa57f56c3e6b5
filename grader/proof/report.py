"""A proof on the terminal: the kill matrix, what got through, the margins; and the same as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from grader.model import Effect
from grader.proof.answers import RIGHT, WRONG
from grader.proof.naming import LEAST_NAMED
from grader.proof.operators import KINDS
from grader.proof.result import ExerciseProof, MutantResult, Naming, Proof

WIDTH = 100


def proofs_json(proofs: Sequence[Proof]) -> Iterator[str]:
    """All proofs as one object. A margin of null is that of an answer of another shape, or of none."""
    table = {"holds": all(p.holds for p in proofs), "proofs": msgspec.to_builtins(proofs)}
    yield msgspec.json.format(msgspec.json.encode(table), indent=1).decode() + "\n"


def proofs_text(proofs: Sequence[Proof]) -> Iterator[str]:
    """One block per assignment, and a last line for all."""
    for proof in proofs:
        yield from (f"{line}\n" for line in _block(proof))
        yield "\n"
    failed = [p.assignment for p in proofs if not p.holds]
    yield f"does not hold: {', '.join(failed)}\n" if failed else "all of it holds\n"


def _block(proof: Proof) -> Iterator[str]:
    cases = sum(len(e.cases) for e in proof.exercises)
    yield f"{proof.assignment}  {proof.title}: {_count(proof.exercises, 'exercise')}, {cases} cases"
    yield ""
    yield from _by_case(proof) if len(proof.exercises) == 1 else _by_exercise(proof)
    yield ""
    yield from _answers(proof)
    yield ""
    if proof.holds:
        yield "  holds"
        return
    yield f"  does not hold: {_count(proof.problems, 'thing')} to mend"
    yield from (f"  {p.where}: {p.what}" for p in proof.problems)


# ------------------------------------------------------------------------------------ kill matrix


def _by_exercise(proof: Proof) -> Iterator[str]:
    """Mutants killed of those made: a row for each exercise, a column for each kind of edit."""
    kinds = [k for k in KINDS if any(m.kind == k for m in proof.mutants)]
    rows = [["mutants killed", *kinds, "all", "equivalent", "through"]]
    for exercise in proof.exercises:
        rows.append([exercise.id, *_row([m for m in proof.mutants if m.exercises[0] == exercise.id], kinds)])
    rows.append(["all", *_row(proof.mutants, kinds)])
    yield from _table(rows)


def _row(own: Sequence[MutantResult], kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        yield _killed([m for m in own if m.kind == kind])
    yield _killed(own)
    yield str(sum(bool(m.equivalent) for m in own) or "·")
    yield str(sum(m.survives for m in own) or "·")


def _killed(own: Sequence[MutantResult]) -> str:
    return f"{sum(bool(m.killed_by) for m in own)}/{len(own)}" if own else "·"


def _by_case(proof: Proof) -> Iterator[str]:
    """Mutants of one exercise: a row for each case, a column for each kind of edit."""
    kinds = [k for k in KINDS if any(m.kind == k for m in proof.mutants)]
    names = sorted({name for m in proof.mutants for name in m.exercises}, key=lambda n: n != proof.exercises[0].id)
    cases = {c: None for e in proof.exercises for c in (f"{e.id}/{c}" for c in e.cases)}
    cases |= {c: None for m in proof.mutants for c in m.killed_by}
    rows = [["mutants killed", *kinds, "all", "alone"]]
    for case in sorted(cases, key=lambda c: names.index(c.partition("/")[0]) if names else 0):
        own = [m for m in proof.mutants if case in m.killed_by]
        counts = [sum(m.kind == kind for m in own) for kind in kinds]
        alone = sum(len(m.killed_by) == 1 for m in own)
        shown = case if len(names) > 1 else case.partition("/")[2]
        rows.append([shown, *(str(n or "·") for n in (*counts, len(own), alone))])
    total = [[m for m in proof.mutants if m.kind == kind] for kind in kinds]
    rows.append(["killed of", *(_killed(own) for own in total), _killed(proof.mutants), "·"])
    yield from _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  " + "  ".join([f"{row[0]:<{widths[0]}}", *cells]).rstrip()


# ---------------------------------------------------------------------------------------- answers


def _answers(proof: Proof) -> Iterator[str]:
    through = [m for m in proof.mutants if m.survives]
    equivalent = [m for m in proof.mutants if m.equivalent]
    killed = sum(bool(m.killed_by) for m in proof.mutants)
    remarked = sum(m.by_remark for m in proof.mutants)
    yield (
        f"  mutants         {len(proof.mutants)}: {killed} killed ({remarked} by a remark), {len(equivalent)} "
        f"equivalent on {proof.generated:,} inputs, {len(through)} got through"
    )
    yield from (f"                  line {m.line}, {m.unit}: {_cut(m.before)} → {_cut(m.after)}" for m in through)
    yield f"  known mistakes  {_mistakes(proof.exercises)}"
    yield from (f"  naming          {line}" for line in _naming(proof.naming))
    yield f"  right answers   {_right(proof.exercises)}"
    yield f"  oracles         {_oracles(proof.exercises)}"
    yield f"  tolerances      {_tolerances(proof.exercises)}"
    if hidden := sum(e.hidden for e in proof.exercises):
        shown = sum(e.laddered for e in proof.exercises)
        yield f"  ladders         show {shown} of the {hidden} known mistakes that a hidden case finds"
    reasons = sum(len(e.degenerate) for e in proof.exercises)
    yield f"  symmetries      {reasons} that no case can break, each with a reason"


def _mistakes(exercises: Sequence[ExerciseProof]) -> str:
    own = [m for e in exercises for m in e.mistakes]
    wrong = [m for m in own if m.effect is Effect.LOSES_MARKS]
    text = f"{len(own)} in {sum(m.forms for m in own)} forms ({len(own) - len(wrong)} of them earn a remark)"
    near = min(wrong, key=lambda m: m.margin, default=None)
    if near is None or math.isinf(near.margin):
        return text
    return f"{text}; the nearest lies {near.margin:,.0f} tolerances off ({near.id}; {WRONG:g} at least)"


def _naming(naming: Naming) -> Iterator[str]:
    """Twins and pairs named rightly, other wrong answers named falsely."""
    if naming.twins:
        yield f"{_share(naming.twins_named, naming.twins)} twins are named rightly ({LEAST_NAMED:.0%} at least)"
    if naming.pairs:
        yield f"{_share(naming.pairs_named, naming.pairs)} pairs of mistakes in different outputs are, too"
    yield (
        f"of {naming.others:,} other wrong answers {naming.falsely} are named falsely (none may be), {naming.related} "
        "by what is true of them on inputs drawn anew"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})"


def _tolerances(exercises: Sequence[ExerciseProof]) -> str:
    """How they came, and both margins in short."""
    counts = {how: sum(e.tolerances.get(how, 0) for e in exercises) for how in ("derived", "computed", "fixed")}
    told = [f"{counts['derived']} derived from rounding"]
    if counts["computed"]:
        own = [e for e in exercises if e.tolerances.get("computed")]
        far = max((r.margin for e in own for r in e.right), default=0.0)
        near = min((m.margin for e in own for m in e.mistakes if m.effect is Effect.LOSES_MARKS), default=math.inf)
        told.append(
            f"{counts['computed']} from truncation and rounding of finite differences (right answers at {far:.2g} "
            f"of it at most, wrong ones at {near:,.0f} at least)"
        )
    told += [f"{counts['fixed']} fixed"] if counts["fixed"] else []
    return ", ".join(told)


def _right(exercises: Sequence[ExerciseProof]) -> str:
    own = [r for e in exercises for r in e.right]
    far = max(own, key=lambda r: r.margin, default=None)
    if far is None:
        return "none"
    worst = f"{far.margin:.2g} of the tolerance ({far.exercise}, {far.title}; {RIGHT:g} at most)"
    return f"{len(own)}; the farthest lies at {worst}"


def _oracles(exercises: Sequence[ExerciseProof]) -> str:
    far = max(exercises, key=lambda e: e.oracle)
    return f"agree in every case; the farthest lies at {far.oracle:.2g} of what is allowed ({far.id})"


def _count(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
