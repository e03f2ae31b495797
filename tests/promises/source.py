"""The project's own files, as the tests of promises read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BOOKING = ROOT / "booking"
TEMPLATES = ROOT / "templates"


@dataclass(frozen=True, slots=True)
class Import:
    """One name imported by one module: `target` is dotted, as deep as the name itself."""

    module: str
    line: int
    target: str
    is_inside: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def python_files(*folders: Path) -> list[Path]:
    """Return every Python file below the folders, by default the service's own."""
    return sorted(path for folder in folders or (BOOKING,) for path in folder.rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the dotted name of the module in `path`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(), str(path))


@cache
def all_imports() -> list[Import]:
    """Return every import of the service, also those inside functions and classes."""
    return [import_ for path in python_files() for import_ in imports_of(path)]


def imports_of(path: Path) -> Iterator[Import]:
    """Yield the imports of one file; `from a import b` counts as `a.b`."""
    module = module_name(path)
    for node, is_inside in _import_nodes(tree_of(path), is_inside=False):
        for target in _targets(node):
            yield Import(module, node.lineno, target, is_inside)


def _targets(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]


def _import_nodes(
    node: ast.AST, *, is_inside: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Yield the imports below a node, and whether each is inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_inside
        elif not isinstance(child, ast.expr):  # which has no room for one
            inside = is_inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _import_nodes(child, is_inside=inside)


def lines_with(text: str, *folders: Path, besides: str = "") -> list[str]:
    """Return where `text` stands in Python files, as file:line; the file `besides` may have it."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files(*folders)
        if str(path.relative_to(ROOT)) != besides
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if text in line
    ]
