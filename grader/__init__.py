"""Grade exercises on multidimensional derivatives: confined, proven, and with the name of the mistake.

In a notebook or a console: `import grader; grader.check("affine_backward")`, or `%load_ext grader` and
`%check affine_backward`. Nothing is imported before it is asked for.
"""

from __future__ import annotations

__version__ = "0.1.0"


def check(*exercises: str, folder: object = None, hint: bool = False) -> object:
    """Check your own functions on the visible cases of the assignment in this folder.

    Parameters
    ----------
    exercises : names of exercises, "affine_backward"; none means all of them.
    folder : where examples.json is; default: beside your file, or here.
    hint : go one step further with the hint.

    Returns
    -------
    shown : a table in a notebook, text elsewhere; `shown.passed` tells whether all visible cases pass. None
        while a file that asks for a check of itself is being checked.
    """
    import sys
    from importlib import import_module
    from pathlib import Path

    worker = sys.modules.get("grader.sandbox.worker")
    if worker is not None and worker.serving:
        return None
    space = sys._getframe(1).f_globals
    place = None if folder is None else Path(str(folder))
    shown: object = import_module("grader.student.notebook").check(exercises, space, place, hint=hint)
    return shown


def load_ipython_extension(shell: object) -> None:
    """`%load_ext grader`: adds %check and %%check."""
    from importlib import import_module

    import_module("grader.student.notebook").load(shell)
