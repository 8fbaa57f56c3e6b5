"""[tool.grader.COMMAND] gives a command's options, the command line wins, and each slip is told with its line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.commands.options import options


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture
def small(course_in, tmp_path, monkeypatch):
    course = course_in(tmp_path / "course")
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "options")
    return course


def setting(course, text):
    (course.root / "pyproject.toml").write_text(text, "utf-8")


def refused(course, text, *words):
    setting(course, text)
    done = run(*(words or ("grade", "x", "-a", "small")))
    assert done.exit_code == 2, done.output
    return done.stderr


def test_a_table_gives_the_options_and_the_command_line_wins(small):
    setting(small, '[tool.grader.demo]\nassignment = "small"\no = "class"\n')
    assert run("demo").output.startswith("4 submissions in class;")
    assert run("demo", "-o", "other").output.startswith("4 submissions in other;")
    setting(
        small, '[tool.grader.grade]\nassignment = "small"\nexit-zero = true\nformat = ["json=a.json", "json=b.json"]\n'
    )
    done = run("grade", "class")
    assert (done.exit_code, done.stdout) == (0, "")
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    assert run("grade", "class", "-a", "nope").stderr.startswith("grader: nope: expected one of this course's")
    assert run("grade", "class", "--format", "json").stdout.startswith('{"assignment": "small"')


def test_a_path_counts_from_the_settings_and_not_from_here(small, monkeypatch):
    setting(small, '[tool.grader.demo]\nassignment = "small"\no = "out/class"\n')
    monkeypatch.chdir(small.folder)
    assert run("demo").exit_code == 0
    assert (small.root / "out" / "class" / "000_reference" / "work.py").is_file()


def test_check_reads_its_own_table_only(small, monkeypatch):
    run("release")
    setting(small, '[tool.grader.check]\nformat = ["json=check.json"]\n')
    assert run("check", "assignments/small").stdout == ""
    assert Path("check.json").is_file()
    setting(small, "[tool.grader]\nnonsense = 1\n")
    assert run("check", "assignments/small").exit_code == 1
    setting(small, "not toml, and nothing of the grader's")
    assert run("check", "assignments/small").exit_code == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[tool.grader.grade]\n\njbos = 2\n",
            "pyproject.toml:3: [tool.grader.grade] jbos: expected one of ",
        ),
        ('[tool.grader.grade]\njobs = "2"\n', "pyproject.toml:2: [tool.grader.grade] jobs: expected a whole number, got '2'\n"),
        ("[tool.grader.grade]\njobs = true\n", "pyproject.toml:2: [tool.grader.grade] jobs: expected a whole number, got True\n"),
        ("[tool.grader.grade]\njobs = 0\n", "pyproject.toml:2: [tool.grader.grade] jobs: 0 is not in the range x>=1\n"),
        ("[tool.grader]\ngrade.jobs = 0\n", "pyproject.toml:2: [tool.grader.grade] jobs: 0 is not in the range x>=1\n"),
        ("[tool.grader.grade]\nfail-under = 'a'\n", "pyproject.toml:2: [tool.grader.grade] fail-under: expected a number, got 'a'\n"),
        ("[tool.grader.grade]\nexit-zero = 1\n", "pyproject.toml:2: [tool.grader.grade] exit-zero: expected true or false, got 1\n"),
        ("[tool.grader.grade]\nroster = 1\n", "pyproject.toml:2: [tool.grader.grade] roster: expected a text in quotes, got 1\n"),
        ("[tool.grader.grade]\nformat = 'json'\n", "pyproject.toml:2: [tool.grader.grade] format: expected a list of texts, got 'json'\n"),
        (
            "# settings\n[tool.grader]\ntimzone = 'Europe/Berlin'\n",
            "pyproject.toml:3: [tool.grader] timzone: expected one of assignments, attempts, grace, language, "
            "late_penalty, slurm, timezone, or a command's name\n",
        ),
        ("[tool.grader]\ngrade = 2\n", "pyproject.toml:2: [tool.grader] grade: expected a table of options, got 2\n"),
        ("[tool.grader.grde]\njobs = 2\n", "pyproject.toml:1: [tool.grader] grde: expected one of "),
        ("[tool]\ngrader = 2\n# tool.grader\n", "pyproject.toml:2: [tool] grader: expected a table, got 2\n"),
        ("[tool.grader]\ngrade =\n", "pyproject.toml: expected TOML, but Invalid value (at line 2, column 8); mend the line\n"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_line(small, text, told):
    assert refused(small, text).startswith(f"grader: {told}")


def test_every_option_of_every_command_can_be_set(tmp_path):
    for name in main.list_commands(None):
        command = main.get_command(None, name)
        for parameter in command.params:
            if parameter.param_type_name == "option":
                key = max(parameter.opts, key=len).lstrip("-")
                path = tmp_path / "pyproject.toml"
                path.write_text(f"[tool.grader.{name}]\n{key} = {{}}\n", "utf-8")
                with pytest.raises(Exception, match=f":2: .tool.grader.{name}. {key}: expected (a|true)"):
                    options(path, command, main.list_commands(None))
