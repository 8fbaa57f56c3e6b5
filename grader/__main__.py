"""`python -m grader` is the command `grader`."""

from grader.cli import entry

if __name__ == "__main__":
    entry()
