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


def assault(names, *, tier=1, user="root", off=(), patience=60.0):
    """The signs by which each of these attacks succeeded, in a process of its own."""
    words = ["--tier", str(int(tier)), "--off", ",".join(off), "--patience", str(patience)]
    words += ["--nobody"] if ROOT and user == "nobody" else []
    own = {"GRADER_SEED": "20260417.5", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{HERE}:{HERE.parent}"}
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **own}
    command = [sys.executable, str(HERE / "assault.py"), *words, *names]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=900)
    if done.stderr.startswith(str(UNREACHABLE)):
        pytest.skip(done.stderr.strip())
    assert 0 == done.returncode, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def trials():
    return {t.tier: t for t in try_tiers()}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", [Tier.FILTERED, Tier.NAMESPACES, Tier.BUBBLEWRAP])
def test_no_attack_succeeds(tier, user, trials):
    if not trials[tier].works:
        pytest.skip(f"tier {int(tier)} does not work here: {trials[tier].said[0]}")
    signs = assault(CHOSEN, tier=tier, user=user)
    assert CHOSEN == list(signs)
    assert {} == {name: found for name, found in signs.items() if found}


def without():
    """Which attacks succeed when the same defences are left out."""
    groups = defaultdict(list)
    for name in CHOSEN:
        attack = KNOWN[name]
        groups[tuple(sorted({attack.defence, *attack.also}))].append(name)
    return groups


@pytest.mark.parametrize("user", USERS if SOAK else USERS[:1])
@pytest.mark.parametrize("off", without(), ids=",".join)
def test_without_the_defence_that_stops_it_each_attack_succeeds(off, user):
    names = without()[off]
    quick = off == ("wall",) or {"deadline", "never_block", "total"} & set(off)
    signs = assault(names, user=user, off=off, patience=1.5 if quick else 60.0)
    assert [] == [(n, KNOWN[n].sign, signs[n]) for n in names if KNOWN[n].sign not in signs[n]]


@pytest.mark.skipif(not SOAK, reason="the whole product: make soak")
@pytest.mark.parametrize("off", [o for o in without() if len(o) > 1], ids=",".join)
def test_the_one_defence_is_enough_without_those_behind_it(off):
    for name in without()[off]:
        signs = assault([name], off=KNOWN[name].also)[name]
        assert KNOWN[name].sign not in signs, name


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
