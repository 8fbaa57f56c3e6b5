"""No attack of tests/attacks succeeds, at any tier and as any user; each would, without the one defence that stops it."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from assault import ATTACKS, attacks
from doubles import PATCHES

from grader.doctor import try_tiers
from grader.sandbox.defences import Defence, Tier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")

HERE = Path(__file__).resolve().parent
SOAK = bool(os.environ.get("GRADER_SOAK"))
ROOT = os.geteuid() == 0
UNREACHABLE = 77
SIGNS = {
    "got",
    "mark",
    "leak",
    "report",
    "file",
    "network",
    "process",
    "bystander",
    "later",
    "time",
    "memory",
    "ungraded",
}
PARENTS = {"wall", "total", "output", "reply", "second_run", "hushed", "apart", *PATCHES}
USERS = ["root", "nobody"] if ROOT else ["nobody"]
"""As whom the grader runs: this user, and where that is root, an ordinary one too."""

KNOWN = attacks()
CHOSEN = [name for name, a in KNOWN.items() if SOAK or not a.soak]


def assault(*parts, tier=1, user="root"):
    """Of each part (attacks, defences that are off, patience) the signs by which each attack succeeded.

    All of them in one process of its own.
    """
    words = ["--tier", str(int(tier)), *(["--nobody"] if ROOT and user == "nobody" else [])]
    for names, off, patience in parts:
        words += ["--off", ",".join(off), "--patience", str(patience), *names]
    own = {"GRADER_SEED": "20260417.5", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{HERE}:{HERE.parent}"}
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **own}
    command = [sys.executable, str(HERE / "assault.py"), *words]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=900)
    if done.stderr.startswith(str(UNREACHABLE)):
        pytest.skip(done.stderr.strip())
    assert 0 == done.returncode, (done.stdout[-500:], done.stderr[-3000:])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(names) for names, _off, _patience in parts] == [list(signs) for signs in told]
    return told


@pytest.fixture(scope="module")
def trials():
    return {t.tier: t for t in try_tiers()}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", [Tier.FILTERED, Tier.NAMESPACES, Tier.BUBBLEWRAP])
def test_no_attack_succeeds(tier, user, trials):
    if not trials[tier].works:
        pytest.skip(f"tier {int(tier)} does not work here: {trials[tier].said[0]}")
    [signs] = assault((CHOSEN, (), 60.0), tier=tier, user=user)
    assert CHOSEN == list(signs)
    assert {} == {name: found for name, found in signs.items() if found}


def without():
    """Which attacks succeed when the same defences are left out."""
    groups = defaultdict(list)
    for name in CHOSEN:
        attack = KNOWN[name]
        groups[tuple(sorted({attack.defence, *attack.also}))].append(name)
    return groups


SLOW = {"wall", "total", "deadline", "never_block"}
"""Without these in the parent an attack is over when patience is, after a second and a half."""


def patience(off):
    return 1.5 if off == ("wall",) or SLOW - {"wall"} & {*off} else 60.0


def together():
    """The same in a few heaps, each for one process: what only the parent leaves out needs no zygotes of its own."""
    heaps = defaultdict(list)
    for off in without():
        inside = {*off} & {*map(str, Defence)}
        parents = "clock" if SLOW & {*off} else "parent"
        heaps[parents if not inside else "sandbox" if len(off) == 1 else "sandbox, several"].append(off)
    return heaps


@pytest.mark.parametrize("user", USERS if SOAK else USERS[:1])
@pytest.mark.parametrize("heap", together())
def test_without_the_defence_that_stops_it_each_attack_succeeds(heap, user):
    groups, offs = without(), together()[heap]
    told = assault(*((groups[off], off, patience(off)) for off in offs), user=user)
    failed = [
        (off, name, KNOWN[name].sign, signs[name])
        for off, signs in zip(offs, told, strict=True)
        for name in groups[off]
        if KNOWN[name].sign not in signs[name]
    ]
    assert [] == failed


def test_every_attack_is_tried_without_its_defence():
    tried = [name for offs in together().values() for off in offs for name in without()[off]]
    assert sorted(CHOSEN) == sorted(tried)


@pytest.mark.skipif(not SOAK, reason="the whole product: make soak")
@pytest.mark.parametrize("off", [o for o in without() if len(o) > 1], ids=",".join)
def test_the_one_defence_is_enough_without_those_behind_it(off):
    for name in without()[off]:
        user = "nobody" if Defence.NOBODY in KNOWN[name].also else "root"  # root debugs whom it likes
        [signs] = assault(([name], KNOWN[name].also, 60.0), user=user)
        assert KNOWN[name].sign not in signs[name], name


def test_there_are_enough_and_each_says_what_it_tries():
    assert 60 <= len(KNOWN)
    for name, attack in KNOWN.items():
        assert attack.tries.endswith(".") and attack.success.endswith("."), name
        assert attack.sign in SIGNS, name
        for defence in (attack.defence, *attack.also):
            assert defence in PARENTS or defence in list(Defence), (name, defence)
    assert len(KNOWN) == len({a.tries for a in KNOWN.values()})
    assert {p.name for p in ATTACKS.iterdir() if p.is_dir()} == set(KNOWN)


def test_every_defence_is_what_stops_some_attack():
    assert set() == {*Defence, *PARENTS} - {d for a in KNOWN.values() for d in (a.defence, *a.also)}


@pytest.mark.skipif(not ROOT or not shutil.which("apt-get"), reason="bubblewrap is installed by .ci/run as root")
def test_tier_3_is_tried_where_bubblewrap_could_be_installed(trials):
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    assert trials[Tier.BUBBLEWRAP].works, trials[Tier.BUBBLEWRAP].said
