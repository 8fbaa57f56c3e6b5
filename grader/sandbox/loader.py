"""Reads a student's file in the worker, and leaves out what grading does not need.

Statements at top level run one by one: a plot that fails, or an import of a module that is not
there, costs nobody the functions beside it. What is used of a missing module says its name.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from importlib.util import decode_source
from pathlib import PurePath
from typing import Any

from grader.model import Loaded, Raised
from grader.wire import bounded_text

MAX_BROKEN = 5
PRINT_STATEMENT = "Did you mean print(...)?"
ALWAYS = frozenset(sys.stdlib_module_names) | {"numpy"}
KEEP = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Unavailable:
    """Stands for a module, or a name of one, that is not there in grading; any use of it says so."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise ModuleNotFoundError(f"{self.__dict__['_name']} is not available in grading")

    __getattr__ = __call__ = __getitem__ = __iter__ = __enter__ = __exit__ = __setattr__ = _refuse


class StudentFinder:
    """Finds a student's other files by module name, and refuses what grading does not offer."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = {PurePath(name).stem: (name, text) for name, text in files.items() if name.endswith(".py")}

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """A spec for a student's file, None for what Python itself finds.

        Raises
        ------
        ModuleNotFoundError : neither; names the module.
        """
        root = name.partition(".")[0]
        if name in self.files:
            return ModuleSpec(name, self)  # type: ignore[arg-type]
        if root in ALWAYS or root in sys.modules:
            return None
        raise ModuleNotFoundError(f"{root} is not available in grading", name=name)

    def create_module(self, _spec: ModuleSpec) -> None:
        """Python's own module object will do."""
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the student's other file."""
        name, text = self.files[module.__name__]
        run_statements(parse(text, name), name, module.__dict__)


def load(files: Mapping[str, bytes], main: str, definitions_only: bool) -> tuple[Loaded, dict[str, Any]]:
    """Run the student's file; return what came of it and its namespace.

    A file that is no Python gives Loaded(unreadable=…) and an empty namespace.
    """
    stem = PurePath(main).stem
    sys.meta_path.insert(0, StudentFinder(files))
    try:
        tree = parse(files[main], main)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Loaded(unreadable=syntax_message(error, main)), {}
    module = types.ModuleType(stem)
    module.__file__ = main
    sys.modules[stem] = module
    if definitions_only:
        tree.body = [node for node in tree.body if _is_definition(node)]
    broken = run_statements(tree, main, module.__dict__)
    return Loaded(broken=broken[:MAX_BROKEN], definitions_only=definitions_only), module.__dict__


def parse(text: bytes, name: str) -> ast.Module:
    """The file's syntax tree; its encoding is the one that it declares, UTF-8 by default.

    An import relative to a package (from .layers import f) becomes one of the student's other file.
    """
    try:
        source: str | bytes = decode_source(text)
    except (SyntaxError, UnicodeDecodeError):
        source = text  # Python itself forgives a stray byte in a comment
    tree = ast.parse(source, name)
    return AbsoluteImports().visit(tree) if b"from ." in text else tree


class AbsoluteImports(ast.NodeTransformer):
    """Takes the dots out of relative imports: a student's files lie side by side."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """`from .layers import f` → `from layers import f`, `from . import layers` → `import layers`."""
        if not node.level:
            return node
        if node.module is None:
            return ast.copy_location(ast.Import(node.names), node)
        return ast.copy_location(ast.ImportFrom(node.module, node.names, 0), node)


def run_statements(tree: ast.Module, name: str, space: dict[str, Any]) -> list[Raised]:
    """Run a module's statements one by one; return what those raised that did not work."""
    broken: list[Raised] = []
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            flags |= _future_flags(node)
        try:
            code = compile(ast.Module([node], []), name, "exec", flags, dont_inherit=True)
            exec(code, space)
        except ImportError as error:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                _stand_in(node, space)
            else:
                broken.append(raised(error, {name}))
        except BaseException as error:
            broken.append(raised(error, {name}))
    return broken


def raised(error: BaseException, names: set[str]) -> Raised:
    """An exception in the words of the wire; only frames of the student's own files are kept."""
    kind = type(error)
    own_line = error.lineno if isinstance(error, SyntaxError) and error.filename in names else None
    try:
        message = bounded_text(error, 1000)
    except BaseException:
        message = ""
    frames: list[tuple[int, str]] = [] if own_line is None else [(own_line, "<module>")]
    trace = error.__traceback__
    while trace is not None and len(frames) < 50:
        if trace.tb_frame.f_code.co_filename in names:
            frames.append((trace.tb_lineno, bounded_text(trace.tb_frame.f_code.co_name, 60)))
        trace = trace.tb_next
    return Raised(_name_of(kind, "__name__"), _name_of(kind, "__module__"), message, frames)


def _name_of(kind: type[BaseException], attribute: str) -> str:
    """A class's name or module; its metaclass may be a student's and refuse."""
    try:
        return bounded_text(getattr(kind, attribute), 60)
    except BaseException:
        return "Exception"


def syntax_message(error: BaseException, main: str) -> str:
    """One sentence with the line, and the line with a caret under it."""
    if "null bytes" in str(error):
        return f"{main}: holds null bytes, so it is no text in UTF-8; save it again as UTF-8"
    if not isinstance(error, SyntaxError):
        return f"{main}: cannot be read as Python ({type(error).__name__}: {str(error)[:200]})"
    text = f"{main}:{error.lineno or 1}: {error.msg or 'invalid syntax'}"
    if text.endswith(PRINT_STATEMENT):
        text += " This is Python 2; grading runs Python 3."
    if error.text and error.offset:
        line = error.text.rstrip("\n")
        shown = line.lstrip()
        caret = max(0, error.offset - 1 - (len(line) - len(shown)))
        text += f"\n    {shown[:200]}\n    {' ' * min(caret, 200)}^"
    return text


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, KEEP):
        return True
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    return all(isinstance(c.func, ast.Attribute) and ast.unparse(c.func).startswith(("np.", "numpy.")) for c in calls)


def _future_flags(node: ast.ImportFrom) -> int:
    import __future__

    return sum(getattr(__future__, a.name).compiler_flag for a in node.names if hasattr(__future__, a.name))


def _stand_in(node: ast.Import | ast.ImportFrom, space: dict[str, Any]) -> None:
    """Bind the names of an import that failed, so that only their use fails."""
    for alias in node.names:
        if alias.name == "*":
            continue
        missing = node.module if isinstance(node, ast.ImportFrom) else alias.name
        bound = alias.asname or (alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0])
        space[bound] = Unavailable(str(missing).partition(".")[0])
