"""What a CI runs, run here: the action's steps as GitHub runs them, the scripts of the templates for other services."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from grader.authoring.course import load_assignment
from grader.authoring.release import released, write_files
from grader.keyfile import dump_key, proof_hash
from grader.reports.formats import FOR_ONE, FORMATS
from tests.validators import valid_json, valid_xml

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
TEMPLATES = sorted((ROOT / "docs" / "ci").glob("*.yml"))
WORKFLOWS = [*(ROOT / ".github" / "workflows").glob("*.yml"), *(p for p in TEMPLATES if p.name.startswith("github"))]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
RIGHT = "def double(x):\n    return x + x\n"
WRONG = "def double(x):\n    print('::error::pwned')\n    return x * 3\n"


@pytest.fixture(scope="module")
def course(course_in, tmp_path_factory):
    """A folder with a small assignment as a student has it, a proven key, and submissions."""
    folder = tmp_path_factory.mktemp("ci")
    small = course_in(folder / "course")
    write_files("small", small.root, released(load_assignment(small.root, "small"), small.root))
    shutil.copytree(small.root / "assignments" / "small", folder / "student")
    key = small.key()
    (folder / "small.key").write_bytes(dump_key(msgspec.structs.replace(key, proof=proof_hash(key))))
    for name, text in (("ada", RIGHT), ("bob", WRONG)):
        (folder / "submissions" / name).mkdir(parents=True)
        (folder / "submissions" / name / "work.py").write_text(text, "utf-8")
    return folder


@pytest.fixture
def workspace(course, tmp_path):
    """A checkout of it."""
    return Path(shutil.copytree(course, tmp_path / "workspace"))


def environment(workspace, **more):
    """What a service's shell has: the grader on the path, and nothing of the grader's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "GITHUB_", "CI_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "CI": "true", "HOME": str(workspace)} | more


# -------------------------------------------------------------------------------------- the action


class Outcome:
    """How the action ended: its exit code, what its log shows, its outputs and its step summary."""

    def __init__(self, workspace, **given):
        files = {name: workspace.parent / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", "utf-8")
        inputs = {name: told["default"] for name, told in ACTION["inputs"].items()} | given
        known = {f"inputs.{name}": str(value) for name, value in inputs.items()}
        known["github.action_path"] = str(ROOT)
        self.log, self.code = "", 0
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or step["name"] == "install":  # pip: the grader of the tests is on the path
                continue
            script = workspace.parent / "script.sh"
            script.write_text(step["run"], "utf-8")
            own = {name: EXPRESSION.sub(lambda found: known[found[1]], text) for name, text in step["env"].items()}
            own |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace)}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=workspace,
                env=environment(workspace, **own, **{name: str(file) for name, file in files.items()}),
                capture_output=True,
                text=True,
                check=False,
            )
            self.log += done.stdout + done.stderr
            self.code = done.returncode
        self.outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines())
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")

    def commands(self):
        return [line for line in self.log.splitlines() if line.lstrip().startswith("::")]


def test_inputs_reach_no_script_and_outputs_come_from_its_step():
    steps = ACTION["runs"]["steps"]
    assert not [step for step in steps if EXPRESSION.search(step.get("run", ""))]
    assert {step.get("shell", "bash") for step in steps} == {"bash"}
    assert {EXPRESSION.fullmatch(o["value"])[1] for o in ACTION["outputs"].values()} == {
        "steps.run.outputs.score",
        "steps.run.outputs.max",
        "steps.run.outputs.not-graded",
    }
    used = {
        found
        for step in steps
        for v in [*step.get("env", {}).values(), *step.get("with", {}).values()]
        for found in EXPRESSION.findall(v)
    }
    assert used == {f"inputs.{name}" for name in ACTION["inputs"]} | {"github.action_path"}


def test_the_action_checks_a_students_repository(workspace):
    (workspace / "student" / "work.py").write_text(WRONG, "utf-8")
    done = Outcome(workspace, path="student", ctrf="out/ctrf.json")
    assert done.code == 1
    assert done.commands()[0].startswith("::error file=student/work.py,line=1,title=double (0 of 2 points)::")
    assert done.commands()[1:] == ["::notice title=grader::0 of 2 points of the visible cases"]
    assert done.outputs == {"score": "0", "max": "2", "submissions": "1", "not-graded": "0"}
    assert done.summary.startswith("## Small: 0 of 2 points of the visible cases")
    valid_xml("junit.xsd", (workspace / "grader.xml").read_text("utf-8"))
    valid_json("ctrf.json", (workspace / "out" / "ctrf.json").read_text("utf-8"))
    (workspace / "student" / "work.py").write_text(RIGHT, "utf-8")
    assert Outcome(workspace, path="student", exercise="double", junit="").code == 0


def test_the_action_points_at_the_line_where_a_file_is_no_python_and_leaves_what_it_says_it_does(workspace):
    (workspace / "student" / "work.py").write_text("import numpy as np\n\ndef f(:\n", "utf-8")
    done = Outcome(workspace, path="student", ctrf="out/ctrf.json")
    assert done.code == 4
    assert done.commands()[0].startswith("::error file=student/work.py,line=3,title=small::work.py:3: invalid syntax")
    assert done.outputs == {"score": "0", "max": "2", "submissions": "1", "not-graded": "1"}
    assert "invalid syntax" in done.summary
    (case,) = valid_xml("junit.xsd", (workspace / "grader.xml").read_text("utf-8")).iter("testcase")
    assert ("student/work.py", "3") == (case.get("file"), case.get("line"))
    (one,) = valid_json("ctrf.json", (workspace / "out" / "ctrf.json").read_text("utf-8"))["results"]["tests"]
    assert ("failed", "unreadable", 3) == (one["status"], one["rawStatus"], one["line"])


def test_the_action_grades_with_a_key_in_the_instructors_workflow(workspace):
    done = Outcome(workspace, path="submissions/bob", key="small.key", report="report")
    assert done.code == 1
    assert done.commands()[0].startswith(
        "::error file=submissions/bob/work.py,line=1,title=bob.double (0 of 2 points)::"
    )
    assert (workspace / "report" / "grades.json").is_file()
    assert "hidden case 1" in (workspace / "grader.xml").read_text("utf-8")
    both = Outcome(workspace, path="submissions", key="small.key")
    assert (both.code, both.outputs["score"], both.outputs["submissions"]) == (0, "2", "2")
    assert "| ada | 2 of 2 |" in both.summary
    assert Outcome(workspace, path="submissions", key="small.key", **{"fail-under": "50"}).code == 1


@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`; touch pwned", '"; touch pwned; "', "--help"])
def test_an_input_is_no_command_and_no_option(workspace, hostile):
    assert Outcome(workspace, path=hostile, exercise=hostile, junit="").code == 2
    assert not list(workspace.rglob("pwned"))


@pytest.mark.soak
@pytest.mark.skipif(not os.environ.get("GRADER_SOAK"), reason="installs the grader; GRADER_SOAK=1 runs it")
def test_the_actions_own_code_is_what_it_installs(tmp_path):
    (install,) = (step for step in ACTION["runs"]["steps"] if step.get("name") == "install")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", install["run"]],
        env=os.environ | {"PATH": path, "SOURCE": str(source)},
        check=True,
    )
    shown = subprocess.run(
        [tmp_path / "venv" / "bin" / "grader", "--version"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("grader, version ")


# ----------------------------------------------------------------------------------- the templates


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_a_workflow_parses_and_asks_for_reading_alone(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    triggers = workflow[True]  # YAML's "on"
    assert "pull_request_target" not in triggers
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert not EXPRESSION.search(step.get("run", ""))
            if step.get("uses", "").startswith("OWNER/nabla-grader"):
                assert set(step["with"]) <= set(ACTION["inputs"])


def test_the_projects_own_workflow_runs_what_ci_runs():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    assert ".ci/run" in [step.get("run") for step in workflow["jobs"]["ci"]["steps"]]


def run_job(name, workspace, **variables):
    """The script of a GitLab template's one job, line by line as GitLab runs it, without pip; its job and exit code."""
    template = yaml.safe_load((ROOT / "docs" / "ci" / name).read_text("utf-8"))
    (job,) = (value for key, value in template.items() if key != "variables")
    known = environment(
        workspace, GITLAB_CI="true", CI_PROJECT_DIR=str(workspace), **(template["variables"] | variables)
    )
    lines = [line for line in job["script"] if not line.startswith("pip install ")]
    assert len(lines) == len(job["script"]) - 1
    script = "\n".join(["set -eo pipefail", *lines])
    return job, subprocess.run(
        ["bash", "-c", script], cwd=workspace, env=known, capture_output=True, text=True, check=False
    )


def test_gitlabs_template_checks_and_leaves_what_it_says_it_does(workspace):
    (workspace / "student" / "work.py").write_text(WRONG, "utf-8")
    job, done = run_job("gitlab.yml", workspace, GRADER_WORK="student")
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    valid_xml("junit.xsd", (workspace / reports["junit"]).read_text("utf-8"))
    (entry,) = valid_json("codequality.json", (workspace / reports["codequality"]).read_text("utf-8"))
    assert entry["location"] == {"path": "student/work.py", "lines": {"begin": 1}}
    assert all((workspace / path).exists() for path in job["artifacts"]["paths"])


def test_gitlabs_template_grades_a_class(workspace):
    job, done = run_job("gitlab-grade.yml", workspace, AFFINE_KEY="small.key")
    assert done.returncode == 0, done.stderr
    root = valid_xml("junit.xsd", (workspace / job["artifacts"]["reports"]["junit"]).read_text("utf-8"))
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    assert all((workspace / path).exists() for path in job["artifacts"]["paths"])


def test_the_jenkinsfiles_lines_run(workspace):
    text = (ROOT / "docs" / "ci" / "Jenkinsfile").read_text("utf-8")
    lines = [line.strip() for line in re.search(r"sh '''(.*?)'''", text, re.DOTALL)[1].strip().splitlines()]
    assert [line.split()[0] for line in lines] == ["python", "venv/bin/pip", "venv/bin/grader"]
    known = environment(workspace, AFFINE_KEY=str(workspace / "small.key"))
    subprocess.run(
        ["sh", "-ec", lines[-1].removeprefix("venv/bin/")], cwd=workspace, env=known, check=True, capture_output=True
    )
    valid_xml("junit-strict.xsd", (workspace / "grader.xml").read_text("utf-8"))


@pytest.mark.parametrize("graded", [True, False])
def test_classroom_50s_autograder_writes_a_result(workspace, tmp_path, graded):
    beside = tmp_path / "autograder"
    beside.mkdir()
    shutil.copy(ROOT / "docs" / "ci" / "classroom50.py", beside / "autograder.py")
    if graded:
        shutil.copy(workspace / "small.key", beside / "assignment.key")
    checkout = workspace / "student"
    (checkout / "work.py").write_text(WRONG, "utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    dated = environment(workspace, GIT_COMMITTER_DATE="2026-06-01T16:33:11+02:00")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "mine"]):
        subprocess.run([*git, *words], cwd=checkout, env=dated, check=True)
    known = environment(
        workspace,
        GRADER_PACKAGE="",
        USERNAME="bob",
        CLASSROOM="ml",
        ASSIGNMENT="small",
        MODE="individual",
        SUBMISSION_TAG="submit/x",
    )
    subprocess.run(
        [sys.executable, str(beside / "autograder.py")], cwd=checkout, env=known, check=True, capture_output=True
    )
    result = valid_json("classroom50.json", (checkout / "result.json").read_text("utf-8"))
    assert (result["score"], result["max-score"], result["owner"]) == (0, 2, "bob")
    assert result["datetime"] == "2026-06-01T14:33:11Z"
    assert json.dumps(result).count("pwned") == 0


# --------------------------------------------------------------------------------------- the guide

GUIDE = (ROOT / "docs" / "formats.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```console\n\$ (.*?)\n```", GUIDE))


@pytest.mark.parametrize("name", ["several", "gate", "gitlab", "classroom50"])
def test_an_example_of_the_guide_runs_as_written(name, workspace):
    done = subprocess.run(
        ["sh", "-c", EXAMPLES[name]],
        cwd=workspace,
        env=environment(workspace),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if " check " in EXAMPLES[name] else 0), done.stderr
    for file in re.findall(r"--format [\w-]+=(\S+)", EXAMPLES[name]):
        assert (workspace / file).stat().st_size > 0


def test_the_guide_names_every_format_every_input_and_files_that_there_are():
    assert set(EXAMPLES) == {"several", "gate", "gitlab", "classroom50"}
    for name in (*FORMATS, *ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in GUIDE, name
    for link in re.findall(r"\]\((ci/[^)]+)\)", GUIDE):
        assert (ROOT / "docs" / link).is_file()


# ----------------------------------------------------------------------------- hostile names, whole

NAMES = [
    "::error::x",
    "##[error]x",
    "a\x1b[31mred",
    "new\n::error::line",
    "<script>x",
    "=1+1",
    "\u202eexe",
    "|a|`b`",
    "]]>&amp;",
    "[[ATTACHMENT|x]]",
]


def test_one_run_over_hostile_names_writes_every_format_and_none_of_them_acts(workspace):
    for name in NAMES:
        (workspace / "hostile" / name).mkdir(parents=True)
        (workspace / "hostile" / name / "work.py").write_text(
            f"def double(x):\n    raise KeyError({name!r})\n", "utf-8"
        )
    many = [name for name in FORMATS if name not in (*FOR_ONE, "html")]
    words = [word for name in many for word in ("--format", f"{name}={workspace / 'out' / name}")]
    logged = ["--format", "text", "--format", "junit", "--format", "ctrf", "--format", "gitlab", "--format", "github"]
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "hostile", "--key", "small.key", *words, *logged],
        cwd=workspace,
        env=environment(workspace),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    own = re.compile(r"::(error|notice) (file=[^:,]+,line=\d+,)?title=[^:,]+::[^\r]*")
    for line in (done.stdout + done.stderr).splitlines():
        assert not line.lstrip().startswith("::") or own.fullmatch(line), line
        assert "##[" not in line and not set("\x1b\u202e") & set(line)
    valid_xml("junit.xsd", (workspace / "out" / "junit").read_text("utf-8"))
    valid_xml("junit-strict.xsd", (workspace / "out" / "junit-strict").read_text("utf-8"))
    results = valid_json("ctrf.json", (workspace / "out" / "ctrf").read_text("utf-8"))["results"]
    assert results["summary"]["failed"] == 2 * len(NAMES)
    assert len(valid_json("codequality.json", (workspace / "out" / "gitlab").read_text("utf-8"))) == len(NAMES)
    assert len(json.loads((workspace / "out" / "json").read_text("utf-8"))["submissions"]) == len(NAMES)


def test_a_format_about_one_submission_refuses_a_class_before_it_is_graded(workspace):
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "submissions", "--key", "small.key", "--format", "gradescope=r.json"],
        cwd=workspace,
        env=environment(workspace),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grader: --format gradescope: is about one submission, got 2; name one\n"
    assert not (workspace / "r.json").exists()
