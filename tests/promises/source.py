"""The project's own files, as the tests of promises read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
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


def all_imports() -> list[Import]:
    """Return every import of the service, also those inside functions and classes."""
    return [import_ for path in python_files() for import_ in imports_of(path)]


def imports_of(path: Path) -> Iterator[Import]:
    """Yield the imports of one file; `from a import b` counts as `a.b`."""
    tree, module = tree_of(path), module_name(path)
    inside = set(_nodes_inside_functions(tree))
    for node in ast.walk(tree):
        for target in _targets(node):
            yield Import(module, getattr(node, "lineno", 0), target, node in inside)


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def _nodes_inside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (node for node in ast.walk(function) if node is not function)


def lines_with(text: str, *folders: Path, besides: str = "") -> list[str]:
    """Return where `text` stands in Python files, as file:line; the file `besides` may have it."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files(*folders)
        if str(path.relative_to(ROOT)) != besides
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if text in line
    ]
