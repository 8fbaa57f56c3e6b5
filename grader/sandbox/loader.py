"""Reads a student's file in the worker, and leaves out what grading does not need.

Statements at top level run one by one: a plot that fails, or an import of a module that is not
there, costs nobody the functions beside it. What is used of a missing module says its name.
"""

from __future__ import annotations

import ast
import os
import sys
import types
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import decode_source
from pathlib import PurePath
from typing import Any, NamedTuple

from grader.model import MAX_FRAMES, MAX_MESSAGE, MAX_NAME, Loaded, Raised
from grader.sandbox.state import is_plain, keeps_state
from grader.structure import structure
from grader.wire import bounded_text

MAX_BROKEN = 5
WANTS_RICH = 122
"""The exit code of a lean process that was asked for a module which it has not."""
_exit = os._exit
PRINT_STATEMENT = "Did you mean print(...)?"
ALWAYS = frozenset(sys.stdlib_module_names) | {"numpy"}
KEEP = SPARED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Unavailable:
    """Stands for a module, or a name of one, that is not there in grading; any use of it says so."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise ModuleNotFoundError(f"{self.__dict__['_name']} is not available in grading")

    __getattr__ = __call__ = __getitem__ = __setitem__ = __iter__ = __next__ = __enter__ = __exit__ = _refuse
    __setattr__ = __len__ = __bool__ = __contains__ = __float__ = __int__ = __index__ = __array__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _refuse
    __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = __mro_entries__ = _refuse


class StudentFinder:
    """Finds a student's other files by module name, and refuses what grading does not offer."""

    def __init__(
        self, files: Mapping[str, bytes], lean: bool = False, read: Mapping[str, Sequence[Statement]] | None = None
    ) -> None:
        self.lean = lean
        self.read = read or {}
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
            if self.lean:
                _exit(WANTS_RICH)
            return None
        raise ModuleNotFoundError(f"{root} is not available in grading", name=name)

    def create_module(self, _spec: ModuleSpec) -> None:
        """Python's own module object will do."""
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the student's other file."""
        name, text = self.files[module.__name__]
        read = self.read.get(name)
        run_statements(statements_of(parse(text, name), name) if read is None else read, name, module.__dict__)


class Statement(NamedTuple):
    """One statement at top level, compiled; or why it cannot be."""

    node: ast.stmt
    code: types.CodeType | Exception


class Program(NamedTuple):
    """A student's file as read, before any of it runs.

    `whole` is all of it compiled at once, where it holds nothing that could go wrong on the way;
    `unreadable` is a sentence where it is no Python; `keeps_state` as `state.keeps_state`; `others`
    are the statements of the student's other files, by their names.
    """

    name: str
    statements: list[Statement]
    definitions_only: bool = False
    keeps_state: bool = False
    whole: types.CodeType | None = None
    unreadable: str | None = None
    others: Mapping[str, Sequence[Statement]] = {}


def read_program(files: Mapping[str, bytes], main: str, definitions_only: bool) -> Program:
    """Parse and compile the student's file; run nothing of it."""
    whole = compiled_whole(files[main], main) if len(files) == 1 else None
    if whole is not None:
        return Program(main, [], definitions_only, whole=whole)
    trees: dict[str, ast.Module] = {}
    codes: list[types.CodeType] = []
    statements: list[Statement] = []
    others: dict[str, Sequence[Statement]] = {}
    for name, text in files.items():
        if name != main and not name.endswith(".py"):
            continue
        try:
            tree = parse(text, name)
            read = statements_of(tree, name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if name == main:
                return Program(main, [], definitions_only, unreadable=syntax_message(error, main)[:MAX_MESSAGE])
            continue
        trees[PurePath(name).stem] = tree
        codes += [s.code for s in read if isinstance(s.code, types.CodeType)]
        if name == main:
            statements = [s for s in read if not definitions_only or is_definition(s.node)]
        else:
            others[name] = read
    return Program(main, statements, definitions_only, keeps_state(trees, codes), others=others)


def compiled_whole(text: bytes, name: str) -> types.CodeType | None:
    """A file of imports, functions and constants, compiled at once; None for every other.

    Most submissions are such files, and four times as quick to read so.
    """
    if not text.isascii() or b"\r" in text or b"coding" in text or b"from ." in text:
        return None
    try:
        code = compile(text.decode("ascii"), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return code if is_plain(code) else None


def load(program: Program, files: Mapping[str, bytes], lean: bool = False) -> tuple[Loaded, dict[str, Any]]:
    """Run the student's file; return what came of it and its namespace.

    A file that is no Python gives Loaded(unreadable=…) and an empty namespace. A `lean` process ends
    when one of Python's or NumPy's modules is asked for that is not there: another one has it.
    """
    if program.unreadable is not None:
        return Loaded(unreadable=program.unreadable), {}
    sys.meta_path.insert(0, StudentFinder(files, lean, program.others))
    stem = PurePath(program.name).stem
    module = types.ModuleType(stem)
    module.__file__ = program.name
    sys.modules[stem] = module
    if program.whole is not None:
        try:
            exec(program.whole, module.__dict__)
            return Loaded(definitions_only=program.definitions_only), module.__dict__
        except BaseException:  # an import of what is not there: the rest is read without it
            program = program._replace(statements=statements_of(parse(files[program.name], program.name), program.name))
    broken = run_statements(program.statements, program.name, module.__dict__)
    return Loaded(broken=broken[:MAX_BROKEN], definitions_only=program.definitions_only), module.__dict__


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


def read_structure(text: bytes, name: str) -> bytes:
    """The structure of a file's functions; none of a file that is no Python, or too deep to be walked."""
    try:
        return structure(parse(text, name))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return b""


class AbsoluteImports(ast.NodeTransformer):
    """Takes the dots out of relative imports: a student's files lie side by side."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """`from .layers import f` → `from layers import f`, `from . import layers` → `import layers`."""
        if not node.level:
            return node
        if node.module is None:
            return ast.copy_location(ast.Import(node.names), node)
        return ast.copy_location(ast.ImportFrom(node.module, node.names, 0), node)


def statements_of(tree: ast.Module, name: str) -> list[Statement]:
    """A module's statements, compiled one by one."""
    statements: list[Statement] = []
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            flags |= _future_flags(node)
        try:
            statements.append(Statement(node, compile(ast.Module([node], []), name, "exec", flags, dont_inherit=True)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            statements.append(Statement(node, error))
    return statements


def run_statements(statements: Sequence[Statement], name: str, space: dict[str, Any]) -> list[Raised]:
    """Run a module's statements one by one; return what those raised that did not work."""
    broken: list[Raised] = []
    for node, code in statements:
        try:
            if isinstance(code, Exception):
                raise code
            exec(code, space)
        except ImportError as error:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                _stand_in(node, space)
            if not isinstance(node, SPARED) or not _done_without(node, name, space):
                broken.append(raised(error, {name}))
        except BaseException as error:
            broken.append(raised(error, {name}))
    return broken


def _done_without(node: ast.stmt, name: str, space: dict[str, Any]) -> bool:
    """Whether a statement can do without what is not there: an import, or a definition whose annotations use it."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return all(alias.name != "*" for alias in node.names)  # whose names nobody knows: it is told
    import __future__

    try:
        exec(compile(ast.Module([node], []), name, "exec", __future__.annotations.compiler_flag, True), space)
    except BaseException:
        return False
    return True


def raised(error: BaseException, names: set[str]) -> Raised:
    """An exception in the words of the wire; only frames of the student's own files are kept."""
    kind = type(error)
    own_line = error.lineno if isinstance(error, SyntaxError) and error.filename in names else None
    try:
        message = bounded_text(error, MAX_MESSAGE)
    except BaseException:
        message = ""
    frames: list[tuple[int, str]] = [] if own_line is None else [(own_line, "<module>")]
    trace = error.__traceback__
    while trace is not None and len(frames) < MAX_FRAMES:
        if trace.tb_frame.f_code.co_filename in names:
            frames.append((trace.tb_lineno, bounded_text(trace.tb_frame.f_code.co_name, MAX_NAME)))
        trace = trace.tb_next
    return Raised(_name_of(kind, "__name__"), _name_of(kind, "__module__"), message, frames)


def _name_of(kind: type[BaseException], attribute: str) -> str:
    """A class's name or module; its metaclass may be a student's and refuse."""
    try:
        return bounded_text(getattr(kind, attribute), MAX_NAME)
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


def is_definition(node: ast.stmt) -> bool:
    """Whether a statement at top level defines, imports or sets something, and calls at most NumPy's own functions."""
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
