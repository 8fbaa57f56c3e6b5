"""Runs a command on a machine that lacks something: python lacking.py ERRNO:CALL[,CALL…] COMMAND…

The system calls named answer with that error, in the command and in all that it starts, as they do
on a kernel without Landlock, without seccomp or without user namespaces.
"""

import errno
import os
import sys

from seccompy import Action, Filter, supported

supported()  # finds the C library while it still may
name, calls = sys.argv[1].split(":")
lacking = Filter(default=Action.ALLOW)
for call in calls.split(","):
    lacking.errno(call, getattr(errno, name))
lacking.load()
os.execv(sys.argv[2], sys.argv[2:])
