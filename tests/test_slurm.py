"""Jobs of Slurm's that grade: commands which stand in for Slurm's run them here; and the settings in pyproject.toml."""

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import batch, engines
from grader.cluster.jobs import LOOK_SECONDS, jobs_left
from grader.cluster.settings import read_slurm
from grader.errors import UsageError
from grader.keyfile import dump_key
from grader.model import Submission
from grader.sandbox.defences import Tier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")

ROOT = Path(__file__).resolve().parent.parent

SLURM = """
[tool.grader.slurm]
jobs = 2
cores = 1
memory = "1 GB"
queue = "short"
account = "cs101"
walltime = "00:10:00"
directives = ["--constraint=avx2"]
prologue = ["export COURSE=cs101"]
interface = "lo"
"""
SBATCH = """
[ "$1" = --test-only ] && exit
# Stands in for Slurm's: runs the script on this machine at once. As there, the file is the caller's to delete afterwards.
cp "$1" "$SCRIPTS/$$.sh"
setsid sh "$SCRIPTS/$$.sh" > "$SCRIPTS/$$.log" 2>&1 &
touch "$SCRIPTS/job-$!"
echo "Submitted batch job $!"
"""
SCANCEL = 'kill -- -"$1"'


def wait_for(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def program(slurm, name, script):
    """Have a command of Slurm's be this script."""
    file = slurm / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)


def certificates(slurm):
    """What a run leaves for its jobs beside the settings."""
    return list(slurm.glob(".dask-jobqueue.*"))


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A folder with settings, and commands of Slurm's that run a job here; the scripts that they were given."""
    (tmp_path / "pyproject.toml").write_text(SLURM, "utf-8")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    for name, script in {"sbatch": SBATCH, "scancel": SCANCEL}.items():
        program(tmp_path, name, script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("SCRIPTS", str(tmp_path / "scripts"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield tmp_path
    assert [] == certificates(tmp_path)


def test_jobs_of_slurms_grade_and_their_script_says_what_was_set(slurm, course):
    said = []
    key, source = course.key(), (course.folder / "work.py").read_bytes()
    with engines.open_place("slurm", 1, Tier.FILTERED, slurm, said.append) as place:
        coming = (Submission(str(i), {"work.py": source}, "work.py", "") for i in range(30))
        came = [done.id for _one, done in place.grade(key, coming, batch.nothing_known, batch.nothing_remembered)]
        assert [0o600] * 3 == [stat.S_IMODE(p.stat().st_mode) for p in certificates(slurm)]
    assert list(map(str, range(30))) == came
    assert "waiting for the first of 2 Slurm jobs to start" == said[0] and "confined at tier 1" in said[1]
    script = next((slurm / "scripts").glob("*.sh")).read_text("utf-8")
    for line in (
        "#SBATCH -J grader",
        "#SBATCH -p short",
        "#SBATCH -A cs101",
        "#SBATCH -t 00:10:00",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem=954M",
        "#SBATCH --constraint=avx2",
        "export COURSE=cs101",
    ):
        assert f"\n{line}\n" in script
    assert "tls://" in script and "--nthreads 1" in script


def test_where_all_jobs_have_ended_midway_the_run_ends(slurm, course, monkeypatch):
    monkeypatch.setattr("grader.cluster.engine.PATIENCE", 0.5)
    program(slurm, "squeue", '[ -e "$SCRIPTS/over" ] || echo 7')
    source = b"import time\ntime.sleep(0.3)\n" + (course.folder / "work.py").read_bytes()
    coming = (Submission(str(i), {"work.py": source + b"# %d" % i}, "work.py", "") for i in range(1000))
    said = []
    with (
        pytest.raises(UsageError) as error,
        engines.open_place("slurm", 1, Tier.FILTERED, slurm, said.append) as place,
    ):
        for _done in place.grade(course.key(), coming, batch.nothing_known, batch.nothing_remembered):
            if not (slurm / "scripts" / "over").exists():
                (slurm / "scripts" / "over").touch()
                for job in (slurm / "scripts").glob("job-*"):
                    os.killpg(int(job.name.removeprefix("job-")), signal.SIGKILL)
    assert (
        "no worker is left, and no job that could bring one; what is graded is kept, and the same command again "
        "grades the rest"
    ) == str(error.value)


def test_a_run_says_now_and_then_that_it_waits_for_a_job_and_ends_when_none_is_left(slurm, monkeypatch):
    monkeypatch.setattr("grader.cluster.jobs.LOOK_SECONDS", 0.5)
    monkeypatch.setattr("grader.cluster.start.MOMENT", 0.1)
    program(slurm, "sbatch", 'echo "Submitted batch job 7"')
    program(slurm, "squeue", '[ -e "$SCRIPTS/over" ] || echo 7')
    said = []

    def say(line):
        said.append(line)
        if len(said) == 3:
            (slurm / "scripts" / "over").touch()

    with (
        pytest.raises(UsageError) as error,
        engines.open_place("slurm", 1, Tier.FILTERED, slurm, say),
    ):
        pass
    assert [
        "waiting for the first of 2 Slurm jobs to start",
        *["still waiting for the first of 2 Slurm jobs, N s so far; squeue shows them, Ctrl-C ends the run and them"]
        * 2,
    ] == [re.sub(r"\d+ s so", "N s so", line) for line in said]
    assert (
        "--executor slurm: of 2 jobs none is left, and none brought a worker; their output in slurm-logs tells why; "
        "mend [tool.grader.slurm]"
    ) == str(error.value)


@pytest.mark.parametrize(
    ("left", "jobs", "squeue"),
    [
        (True, [], "exit 9"),  # they are being submitted
        (False, [None, None], "exit 9"),  # Slurm took none
        (True, ["7", None], '[ "$3" = --jobs=7 ] && echo 7'),
        (False, ["7", "8"], ""),
        (False, ["7"], "echo slurm_load_jobs error: Invalid job id specified >&2; exit 1"),
        (True, ["7"], "echo slurm_load_jobs error: Unable to contact slurm controller >&2; exit 1"),
    ],
)
def test_whether_a_job_is_left_is_asked_of_slurm(slurm, left, jobs, squeue):
    program(slurm, "squeue", squeue)
    assert left == jobs_left(jobs)


def test_where_slurm_cannot_be_asked_jobs_are_waited_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert jobs_left(["7"])


def test_ctrl_c_ends_the_wait_for_a_job_and_the_jobs(slurm, course):
    (slurm / "key").write_bytes(dump_key(course.key()))
    submits = 'touch "$SCRIPTS/submitted-$$"; sleep 0.5; echo "Submitted batch job $$"'  # Ctrl-C finds it at this
    program(slurm, "sbatch", f'[ "$1" = --test-only ] && exit\n{submits}')
    program(slurm, "scancel", 'touch "$SCRIPTS/cancelled-$1"')
    run = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", course.folder, "--key", "key", "--unproven", "--executor", "slurm"],
        cwd=slurm,
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert "waiting for the first of 2 Slurm jobs to start\n" == run.stderr.readline()
    submitted = wait_for(lambda: (found := sorted((slurm / "scripts").glob("submitted-*")))[1:] and found)
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)[1]
    assert 130 == run.returncode, said
    assert "Traceback" not in said
    assert [p.name.replace("submitted", "cancelled") for p in submitted] == sorted(
        p.name for p in (slurm / "scripts").glob("cancelled-*")
    )


def test_a_job_that_slurm_refuses_ends_the_run(slurm):
    program(slurm, "sbatch", "echo 'sbatch: error: invalid account' >&2\nexit 1")
    with (
        pytest.raises(UsageError, match="Slurm takes no such job: sbatch: error: invalid account; mend"),
        engines.open_place("slurm", 1, Tier.FILTERED, slurm, print),
    ):
        pass


def test_jobs_that_slurm_refuses_only_when_they_are_submitted_end_the_run_at_once(slurm, capfd):
    refused = "echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2\nexit 1"
    program(slurm, "sbatch", f'[ "$1" = --test-only ] && exit\n{refused}')
    told = "--executor slurm: Slurm refused 2 of 2 jobs: sbatch: error: QOSMaxSubmitJobPerUserLimit; mend"
    began = time.monotonic()
    with pytest.raises(UsageError, match=told), engines.open_place("slurm", 1, Tier.FILTERED, slurm, print):
        pass
    assert time.monotonic() - began < LOOK_SECONDS
    assert "Traceback" not in capfd.readouterr().err


def test_one_job_that_slurm_refuses_is_told_and_the_other_grades(slurm, course):
    second = 'if mkdir "$SCRIPTS/first" 2> /dev/null; then :; else echo "sbatch: error: Limit" >&2; exit 1; fi\n'
    program(slurm, "sbatch", '[ "$1" = --test-only ] && exit\n' + second + SBATCH)
    said = []
    key, source = course.key(), (course.folder / "work.py").read_bytes()
    with engines.open_place("slurm", 1, Tier.FILTERED, slurm, said.append) as place:
        coming = (Submission(str(i), {"work.py": source}, "work.py", "") for i in range(3))
        came = [done.id for _one, done in place.grade(key, coming, batch.nothing_known, batch.nothing_remembered)]
    assert list("012") == came
    assert "Slurm refused 1 of 2 jobs: sbatch: error: Limit; the others grade" == said[1]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[tool.grader.slurm]", "[tool.other]", "expected jobs, cores and memory, as in docs/scale.md; there is no such table"),
        ("jobs = 2\n", "", "jobs: is missing"),
        ("jobs = 2", "jobs = 0", "jobs: expected 1 or more, got 0"),
        ("cores = 1", 'cores = "two"', "cores: expected int, got str"),
        ("cores = 1", "cores = 1\ncolour = 3", "colour: expected one of jobs, cores, memory, queue"),
        ('"1 GB"', '"much"', "memory: expected a size such as '32 GB', got 'much'"),
        ('"00:10:00"', '"soon"', "walltime: expected a time such as '02:00:00', got 'soon'"),
        ('["--constraint=avx2"]', '["a\\nb"]', "directives: expected one line in each text"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_where_it_stands(slurm, old, new, told):
    text = SLURM.replace(old, new)
    assert text != SLURM
    (slurm / "pyproject.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as error:
        read_slurm(slurm)
    assert str(error.value).startswith(f"{slurm / 'pyproject.toml'}: [tool.grader.slurm]: {told}")


def test_a_machine_without_slurm_is_told_so(slurm, monkeypatch):
    monkeypatch.setenv("PATH", str(slurm))
    with pytest.raises(UsageError, match="--executor slurm: this machine has no sbatch; run it where Slurm takes jobs"):
        read_slurm(slurm)
