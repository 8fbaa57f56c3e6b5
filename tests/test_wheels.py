"""The grader's own wheel, made of what is installed, and what it needs in the versions that are installed."""

import base64
import hashlib
import importlib.metadata
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader import __version__
from grader.errors import UsageError
from grader.exports import wheels
from grader.exports.wheels import downloaded, own_wheel, requirements, wheels_in


@pytest.fixture(scope="module")
def wheel():
    return own_wheel()


def test_the_wheel_is_named_as_pip_wants_it_and_the_same_twice(wheel):
    assert wheel[0] == f"nabla_grader-{__version__}-py3-none-any.whl"
    assert wheel == own_wheel()


def test_the_wheel_holds_the_package_its_data_and_a_record_of_both(wheel):
    with zipfile.ZipFile(io.BytesIO(wheel[1])) as opened:
        names = opened.namelist()
        files = {name: opened.read(name) for name in names}
    info = f"nabla_grader-{__version__}.dist-info"
    own = Path(wheels.__file__).parent.parent
    assert {f"grader/{p.relative_to(own).as_posix()}" for p in own.rglob("*.py")} <= set(names)
    assert "grader/exports/scripts/run_autograder" in names
    assert not [name for name in names if "__pycache__" in name or not name.startswith(("grader/", info))]
    assert b"grader = grader.cli:entry" in files[f"{info}/entry_points.txt"]
    assert f"Version: {__version__}".encode() in files[f"{info}/METADATA"]
    recorded = [line.split(",") for line in files[f"{info}/RECORD"].decode().splitlines()]
    assert {row[0] for row in recorded} == set(names)
    for name, digest, size in recorded:
        if name.endswith("RECORD"):
            continue
        told = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (f"sha256={told}", len(files[name]))


def test_pip_installs_the_wheel_and_the_command_starts(wheel, tmp_path):
    (tmp_path / wheel[0]).write_bytes(wheel[1])
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*command, "--target", str(tmp_path / "site"), str(tmp_path / wheel[0])], check=True)
    line = "import grader, sys; print(grader.__file__); from grader.cli import main; main(['--version'])"
    shown = subprocess.run(
        [sys.executable, "-c", line], cwd=tmp_path / "site", capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown == [str(tmp_path / "site" / "grader" / "__init__.py"), f"grader, version {__version__}"]


def test_requirements_are_pinned_to_what_is_installed_with_what_they_need():
    pins = requirements()
    assert pins == sorted(pins)
    for package in ("numpy", "click", "msgspec", "nbformat", "jsonschema", "attrs"):
        assert f"{package}=={importlib.metadata.version(package)}" in pins
    assert not any(line.startswith(("pytest-xdist", "hypothesis", "ruff", "rich")) for line in pins)


def test_what_only_linux_needs_stays_where_it_is_not_installed(monkeypatch):
    found = importlib.metadata.distribution

    def without(name):
        if name in ("seccompy", "nbformat"):
            raise importlib.metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(wheels, "distribution", without)
    assert "seccompy>=0.2" in requirements()
    assert not any(line.startswith("nbformat") for line in requirements())


def test_wheels_that_cannot_be_fetched_are_told_with_what_to_do(monkeypatch, tmp_path):
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UsageError) as refused:
        downloaded(["numpy==0.0.1"], tmp_path)
    assert str(refused.value).startswith("export: the wheels for Python 3.11 cannot be fetched (ERROR: No matching ")
    assert str(refused.value).endswith(
        "name a folder that holds them with --wheels, or an empty one, and they are fetched when Gradescope builds"
    )


def test_wheels_of_a_folder_are_its_wheels_alone(tmp_path):
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"a")
    (tmp_path / "b.tar.gz").write_bytes(b"b")
    assert dict(wheels_in(tmp_path)) == {"a-1-py3-none-any.whl": b"a"}
    with pytest.raises(UsageError, match=r"--wheels .*: expected a folder of wheels"):
        list(wheels_in(tmp_path / "nothing"))
