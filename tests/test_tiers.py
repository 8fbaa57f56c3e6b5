"""A tier is found by trying, told in one line, and never stepped down from in silence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring import call
from grader.doctor import diagnosis, try_tiers
from grader.errors import SandboxError
from grader.model import Limits, OutcomeKind
from grader.sandbox.defences import PROMISES, Tier
from grader.sandbox.runner import Runner
from grader.sandbox.tasks import Task
from grader.sandbox.warm import ZygoteLauncher

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tiers from 1 on are Linux's")

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
LANDLOCK = "ENOSYS:landlock_create_ruleset,landlock_add_rule,landlock_restrict_self"


@pytest.fixture(scope="module")
def trials():
    return {t.tier: t for t in try_tiers()}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A class of one: the reference."""
    folder = tmp_path_factory.mktemp("class") / "ada"
    folder.mkdir()
    shutil.copy(ROOT / "solutions" / "activations" / "activations.py", folder)
    return folder.parent


def grade(one, *words, lacking=None, before=()):
    """`grader grade` as a process of its own, on a machine that lacks some system calls."""
    wrapper = [] if lacking is None else [sys.executable, str(HERE / "lacking.py"), lacking]
    command = [*before, *wrapper, sys.executable, "-m", "grader", "grade", str(one), "-a", "activations", *words]
    environment = {**os.environ, "GRADER_SEED": "x", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_a_tier_that_does_not_work_says_why_in_our_own_words(trials):
    assert [] == [t.said for t in trials.values() if not t.works and "Error:" in t.said[0]]


@pytest.mark.parametrize("tier", [Tier.FILTERED, Tier.NAMESPACES, Tier.BUBBLEWRAP])
def test_every_tier_that_is_said_to_work_grades(tier, trials):
    if not trials[tier].works:
        pytest.skip(f"tier {int(tier)} does not work here: {trials[tier].said[0]}")
    launcher = ZygoteLauncher(tier)
    try:
        runner = Runner(launcher, {"work.py": b"def f(x):\n    return x + 1\n"}, "work.py", Limits())
        (outcome,) = runner.run([Task("f/one", True, call("f", "x"), {"x": 1})])
    finally:
        launcher.close()
    assert (OutcomeKind.RETURNED, 2) == (outcome.kind, outcome.value)


def test_the_first_line_of_a_run_tells_how_far_it_confines(one):
    run = grade(one)
    assert 0 == run.returncode, run.stderr
    assert run.stderr.splitlines()[0].startswith("confined at tier 1: ")


def test_a_kernel_without_landlock_is_told_with_what_still_protects(one):
    run = grade(one, lacking=LANDLOCK)
    assert 0 == run.returncode, run.stderr
    assert "without Landlock (" in run.stderr.splitlines()[0]
    assert "the list of allowed system calls alone keeps files away" in run.stderr.splitlines()[0]


def test_a_kernel_without_seccomp_is_refused_in_one_line_and_graded_only_on_request(one):
    run = grade(one, lacking="ENOSYS:seccomp")
    assert 3 == run.returncode
    (line,) = run.stderr.splitlines()
    assert line.startswith("grader: submissions cannot be confined at tier 1 here: this kernel has no seccomp")
    assert "--allow-unsandboxed" in line
    forced = grade(one, "--allow-unsandboxed", lacking="ENOSYS:seccomp")
    assert 0 == forced.returncode, forced.stderr
    assert forced.stderr.splitlines()[0].startswith("confined at tier 0: ")


def test_a_system_without_user_namespaces_has_no_tier_2_and_says_so(one):
    run = grade(one, "--tier", "2", lacking="EPERM:unshare")
    assert 3 == run.returncode
    (line,) = run.stderr.splitlines()
    assert "tier 2 needs user namespaces, and this system does not allow them" in line


def test_bubblewrap_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SandboxError, match="tier 3 needs bubblewrap, and there is no program bwrap; install"):
        ZygoteLauncher(Tier.BUBBLEWRAP).confinement(Limits())


def test_too_few_processes_leave_no_mark_and_say_why(one):
    run = grade(one, lacking="EAGAIN:clone,clone3,fork,vfork")
    assert 3 == run.returncode
    (line,) = run.stderr.splitlines()
    assert "no process could be started" in line


def test_a_limit_of_processes_leaves_no_mark_and_says_why(one):
    import resource

    environment = {**os.environ, "GRADER_SEED": "x", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "grader", "grade", str(one), "-a", "activations"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)),
    )
    assert 3 == run.returncode, run.stderr
    (line,) = run.stderr.splitlines()
    assert "cannot be confined at tier 1 here" in line and "too many" in line


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="only root can hide /proc")
def test_a_machine_without_proc_grades_and_says_what_it_cannot(one):
    run = grade(one, before=("unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"))
    assert 0 == run.returncode, run.stderr
    assert "without /proc: processes that a submission leaves behind cannot be listed" in run.stderr.splitlines()[0]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="only root can mount a small disk")
@pytest.mark.parametrize("options", ["size=4k", "ro"], ids=["full", "read-only"])
def test_a_disk_that_takes_nothing_is_told_before_or_after_and_breaks_nothing(one, options, tmp_path):
    script = f'mount -t tmpfs -o {options} none {tmp_path} && exec "$@"'
    run = grade(one, "-o", str(tmp_path / "report"), before=("unshare", "-m", "sh", "-c", script, "sh"))
    assert 2 == run.returncode
    last = run.stderr.splitlines()[-1]
    assert last.startswith(f"grader: {tmp_path}/report") and "cannot be written" in last


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="only root can hide /tmp")
def test_grading_needs_no_folder_for_temporary_files(one, tmp_path):
    (tmp_path / "class").mkdir()
    shutil.copytree(one, tmp_path / "class", dirs_exist_ok=True)
    hidden = 'for d in /var/tmp /dev/shm; do mount -t tmpfs -o ro none $d; done && TMPDIR=/var/tmp exec "$@"'
    run = grade(tmp_path / "class", before=("unshare", "-m", "sh", "-c", hidden, "sh"))
    assert 0 == run.returncode, run.stderr


def test_the_doctor_tells_versions_tiers_and_what_is_missing():
    lines = list(diagnosis())
    assert lines[0].startswith("grader ") and "NumPy" in lines[0]
    for tier in Tier:
        assert any(line.startswith(f"  tier {int(tier)} ") for line in lines), tier
    assert any(PROMISES[Tier.FILTERED] in line for line in lines)
