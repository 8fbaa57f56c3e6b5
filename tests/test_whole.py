"""A file is there whole or as it was, and what is no file stays what it is."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.whole import whole

ROOT = Path(__file__).resolve().parent.parent


def test_a_file_is_in_its_place_when_all_is_written(tmp_path):
    path = tmp_path / "report.txt"
    path.write_text("earlier", "utf-8")
    with whole(path) as file:
        file.write(b"new")
        assert "earlier" == path.read_text("utf-8")
    assert "new" == path.read_text("utf-8")
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_one_that_is_not_finished_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "report.txt"
    path.write_text("earlier", "utf-8")
    with pytest.raises(error), whole(path) as file:
        file.write(b"half")
        raise error
    assert ("earlier", [path]) == (path.read_text("utf-8"), list(tmp_path.iterdir()))


def test_a_private_one_is_its_owners_alone_whatever_lay_beside_it(tmp_path):
    path = tmp_path / "key"
    beside = tmp_path / f".key.{os.getpid()}.part"
    beside.write_bytes(b"")
    beside.chmod(0o666)
    with whole(path, private=True) as file:
        file.write(b"answers")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_device_and_a_pipe_are_written_to_and_stay(tmp_path):
    with whole(Path(os.devnull)) as file:
        file.write(b"nothing")
    assert os.path.exists(os.devnull) and not os.path.isfile(os.devnull)
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    with whole(pipe) as file:
        file.write(b"a report")
    reader.join()
    assert ([b"a report"], True) == (heard, pipe.is_fifo())


@pytest.mark.skipif(not os.path.islink("/dev/stdout"), reason="this system's /dev/stdout is no link")
def test_standard_output_that_leads_to_a_file_is_written_to_and_stays(tmp_path):
    script = (
        "from pathlib import Path\nfrom grader.whole import whole\nwith whole(Path('/dev/stdout')) as f: f.write(b'x')"
    )
    leads = os.readlink("/dev/stdout")
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", script], stdout=out, check=True, cwd=ROOT)
    assert (b"x", leads) == ((tmp_path / "out").read_bytes(), os.readlink("/dev/stdout"))


def test_where_it_cannot_be_written_is_told_with_what_to_do(tmp_path):
    with pytest.raises(UsageError) as error, whole(tmp_path / "none" / "a.csv", "name another with -o"):
        pass
    assert f"{tmp_path / 'none' / 'a.csv'}: cannot be written (No such file or directory); name another with -o" == str(
        error.value
    )
