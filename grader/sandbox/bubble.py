"""Tier 3: the zygote inside bubblewrap, which shows it Python, its packages and the grader, read-only, and no more."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from grader.errors import SandboxError

LIBRARIES = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")


def bubblewrapped() -> list[str]:
    """The words that, put before a command, run it inside bubblewrap.

    Raises
    ------
    SandboxError : bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError("tier 3 needs bubblewrap, and there is no program bwrap; install the package bubblewrap")
    if os.getuid() == 0:  # the zygote becomes nobody and ends its workers: no other right of root's is kept
        rights = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        rights += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL"]
    else:
        rights = ["--unshare-all", "--cap-drop", "ALL"]
    shown = [part for path in _shown() for part in ("--ro-bind-try", path, path)]
    return [
        *(program, "--die-with-parent", "--new-session"),
        *rights,
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
        *shown,  # last: Python itself may live under /tmp
        *("--chdir", "/", "--"),
    ]


def _shown() -> list[str]:
    """What Python needs to start: its own folders, its packages, the grader's and not the course beside it."""
    package = Path(__file__).resolve().parent.parent
    own = [sys.prefix, sys.base_prefix, str(Path(sys.executable).parent), str(Path(sys.executable).resolve().parent)]
    packages = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys((*LIBRARIES, *own, *packages, str(package))))
