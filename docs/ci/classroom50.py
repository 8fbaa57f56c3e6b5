"""CLASSROOM/autograders/ASSIGNMENT/autograder.py for Classroom 50: grades the checkout with the key beside this file.

Its runner starts this in the student's checkout and reads result.json from there. Everything beside this file is
published to where the runner fetches it: put a key there only if students may see it, else grade elsewhere. Without a
key the visible cases are checked.
"""

import os
import subprocess
import sys
from pathlib import Path

KEY = Path(__file__).parent / "assignment.key"
PACKAGE = os.environ.get("GRADER_PACKAGE", "nabla-grader")

if PACKAGE:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
shown = subprocess.run(["git", "show", "-s", "--format=%cI", "HEAD"], capture_output=True, text=True, check=False)
os.environ["GRADER_COMMITTED"] = shown.stdout.strip()
words = ["grade", "--key", str(KEY), "--exit-zero"] if KEY.is_file() else ["check"]
done = subprocess.run(
    [sys.executable, "-m", "grader", *words, "--format", "text", "--format", "classroom50=result.json", "--", "."],
    check=False,
)
# 1 says "not full marks", which stands in result.json; anything else is a fault that the runner should hear of.
sys.exit(0 if done.returncode == 1 else done.returncode)
