"""Comparator mutants: each comparison in facts, rules, phrases and the next cycle, at its boundary and negated.

An id counts the occurrences of one operator within one function, so that an edit elsewhere
in the file renames nothing.
"""

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType

from tests.mutants import ROOT

SOURCES = ("service/facts/**/*.py", "service/next_cycle.py", "service/phrases.py", "service/rules/*.py")
VERDICT = "service.verdict"

OPERATORS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "in": ast.In,
    "not in": ast.NotIn,
    "is": ast.Is,
    "is not": ast.IsNot,
}
WORDS = {operator: word for word, operator in OPERATORS.items()}

# First the boundary, where there is one, then the negation.
FLIPS: dict[str, tuple[str, ...]] = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
    "above": ("at_least", "at_most"),
    "at_least": ("above", "below"),
    "below": ("at_most", "at_least"),
    "at_most": ("below", "above"),
    "min": ("max",),
    "max": ("min",),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change that can be made to a syntax tree, in place."""

    function: str
    old: str
    new: str
    make: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ComparatorMutant:
    """One comparator of one file, flipped."""

    id: str
    file: str

    def install(self) -> Callable[[], bool]:
        """Make this process import the flipped module. The answer tells afterwards whether it was imported."""
        parts = self.file.removesuffix(".py").removesuffix("/__init__").split("/")
        finder = _FlippedFinder(".".join(parts), str(ROOT / self.file), self._code())
        sys.meta_path.insert(0, finder)
        return lambda: finder.module in sys.modules

    def _code(self) -> CodeType:
        tree = _tree(self.file)
        edits = dict(_identified(self.file, tree))
        edits[self.id].make()
        return compile(ast.fix_missing_locations(tree), ROOT / self.file, "exec", dont_inherit=True)


class _FlippedLoader(SourceFileLoader):
    """Runs the code that it was given in place of the file's."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _FlippedFinder(MetaPathFinder):
    """Finds the one flipped module."""

    def __init__(self, module: str, path: str, code: CodeType) -> None:
        self.module, self._path, self._code = module, path, code

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        return spec_from_file_location(fullname, self._path, loader=_FlippedLoader(fullname, self._path, self._code))


def comparator_mutants() -> Iterator[ComparatorMutant]:
    """Every comparator mutant, in the order of the files and of the text."""
    for source in SOURCES:
        for found in sorted(ROOT.glob(source)):
            file = found.relative_to(ROOT).as_posix()
            for identity, _ in _identified(file, _tree(file)):
                yield ComparatorMutant(identity, file)


def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"), filename=file)


def _identified(file: str, tree: ast.Module) -> Iterator[tuple[str, Edit]]:
    """Each edit with its id; flips of one occurrence share its number."""
    occurrences: Counter[tuple[str, str]] = Counter()
    for flips in _edits(tree, "module", tree):
        occurrences[flips[0].function, flips[0].old] += 1
        for edit in flips:
            number = occurrences[edit.function, edit.old]
            yield f"{file}:{edit.function}:{number}: {edit.old} -> {edit.new}", edit


def _edits(node: ast.AST, function: str, tree: ast.Module) -> Iterator[list[Edit]]:
    """The flips of each comparator below a node, in the order of the text."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = node.name if function == "module" else f"{function}.{node.name}"
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                old = WORDS[type(operator)]
                yield [Edit(function, old, new, _compare(node, index, new)) for new in FLIPS[old]]
        case ast.BoolOp():
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            yield [Edit(function, old, new, _combine(node))]
        case ast.UnaryOp(op=ast.Not()):
            yield [Edit(function, "not x", "x", _affirm(node))]
        case ast.Call(func=ast.Name(id=old)) if old in ("min", "max") or old in _imported_verdicts(tree):
            yield [Edit(function, old, new, _call(node, new, tree)) for new in FLIPS[old]]
    for child in ast.iter_child_nodes(node):
        yield from _edits(child, function, tree)


def _imported_verdicts(tree: ast.Module) -> set[str]:
    """The comparisons of `service.verdict` that a module imports."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == VERDICT]
    return {alias.name for node in imports for alias in node.names} & set(FLIPS)


def _compare(node: ast.Compare, index: int, new: str) -> Callable[[], None]:
    return lambda: node.ops.__setitem__(index, OPERATORS[new]())


def _combine(node: ast.BoolOp) -> Callable[[], None]:
    return lambda: setattr(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _affirm(node: ast.UnaryOp) -> Callable[[], None]:
    """`not x` becomes `not not x`: the truth of x."""
    return lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))


def _call(node: ast.Call, new: str, tree: ast.Module) -> Callable[[], None]:
    def make() -> None:
        node.func = ast.Name(new, ast.Load())
        if new not in ("min", "max"):
            tree.body.insert(1, ast.ImportFrom(VERDICT, [ast.alias(new)], 0))  # after the docstring

    return make
