"""Count import circles, and measure folders, modules and functions; fail if something is larger than it may be.

python tools/check_structure.py [FOLDER]     FOLDER: the repository; this one when none is given

Read from the source alone, so that an import counts wherever it stands: under ``TYPE_CHECKING`` and inside a function too.
What is larger than its goal today stands in structure_exceptions.py with its size, and may only shrink. What has reached
its goal has to leave that file.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from structure_exceptions import EXCEPTIONS

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hsi_engine", "qgis_plugin")

CIRCLES = "import circles"
FOLDERS = "modules directly in a folder"
MODULES = "lines in a module"
FUNCTIONS = "lines in a function"
# Every .py counts, __init__.py too. A function counts from its def to its last line, docstring and inner ones included.
GOALS = {CIRCLES: 0, FOLDERS: 14, MODULES: 300, FUNCTIONS: 60}

Sizes = dict[str, int]
Graph = dict[str, set[str]]


def measure(root: Path) -> dict[str, Sizes]:
    """The size of everything under each heading: circles of a package, modules of a folder, lines of what is in it."""
    measured: dict[str, Sizes] = {heading: {} for heading in GOALS}
    for package in PACKAGES:
        trees = parsed(root, package)
        measured[CIRCLES][package] = len(circles(import_graph(root, trees)))
        for path, tree in trees.items():
            name, folder = path.relative_to(root).as_posix(), path.parent.relative_to(root).as_posix()
            measured[FOLDERS][folder] = measured[FOLDERS].get(folder, 0) + 1
            measured[MODULES][name] = len(path.read_text(encoding="utf-8").splitlines())
            measured[FUNCTIONS].update((f"{name} {function}", lines) for function, lines in _functions(tree))
    return measured


def parsed(root: Path, package: str) -> dict[Path, ast.Module]:
    """The modules of a package."""
    paths = sorted((root / package).rglob("*.py"))
    if not paths:
        raise SystemExit(f"There is no package {package} in {root}.")
    return {path: ast.parse(path.read_bytes()) for path in paths}


def findings(measured: Mapping[str, Sizes], exceptions: Mapping[str, Sizes]) -> Iterator[str]:
    """What is larger than it may be, and what the table of exceptions says in vain, a sentence each."""
    for heading, goal in GOALS.items():
        sizes, allowed = measured[heading], exceptions.get(heading, {})
        for name, size in sizes.items():
            if size > allowed.get(name, goal):
                yield f"{name}: {size} {heading}, at most {allowed.get(name, goal)} allowed"
        for name in allowed:
            if sizes.get(name, 0) <= goal:
                yield f"{name}: has reached the goal for {heading}; take it out of tools/structure_exceptions.py"


def summary(measured: Mapping[str, Sizes], exceptions: Mapping[str, Sizes]) -> Iterator[str]:
    """A line for each heading: the goal, the largest, and how many are above the goal."""
    for heading, goal in GOALS.items():
        sizes = measured[heading]
        if heading == CIRCLES:
            counts = ", ".join(f"{count} in {package}" for package, count in sizes.items())
            yield f"{heading}: {counts} (goal {goal})"
            continue
        largest = max(sizes, key=lambda name: sizes[name])
        above = sum(size > goal for size in sizes.values())
        yield f"{heading}: at most {sizes[largest]} in {largest} (goal {goal}); {above} of {len(sizes)} are above it"
        for name, ceiling in exceptions.get(heading, {}).items():
            if goal < sizes.get(name, 0) < ceiling:
                yield f"    {name} has {sizes[name]} now: lower its ceiling of {ceiling}"


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    """(dotted name, lines) of every function, those of classes and of functions among them."""
    for node in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{prefix}{node.name}."
            if not isinstance(node, ast.ClassDef):
                yield f"{prefix}{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
        yield from _functions(node, inner)


def import_graph(root: Path, trees: Mapping[Path, ast.AST]) -> Graph:
    """Which of these modules imports which others of them, by dotted names."""
    modules = {_dotted(root, path): path for path in trees}
    return {
        name: {
            target
            for node in ast.walk(trees[path])
            for target in _imported(node, name, path.name == "__init__.py", modules)
            if target != name
        }
        for name, path in modules.items()
    }


def _dotted(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(node: ast.AST, importer: str, is_package: bool, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom):
        base = _base(node, importer, is_package)
        for alias in node.names:
            # A name is a module of that package, or something in it.
            submodule = f"{base}.{alias.name}"
            if submodule in modules or base in modules:
                yield submodule if submodule in modules else base


def _base(node: ast.ImportFrom, importer: str, is_package: bool) -> str:
    """The absolute name of what ``from … import`` names."""
    if not node.level:
        return node.module or ""
    parts = importer.split(".")
    above = parts[: len(parts) - node.level + is_package]
    return ".".join([*above, node.module] if node.module else above)


def circles(graph: Graph) -> list[list[str]]:
    """Groups of modules each of which imports all others of its group, directly or by way of them."""
    reached = {name: _reached(graph, name) for name in graph}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in graph}
    return sorted(sorted(group) for group in groups if group)


def _reached(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        found = graph[waiting.pop()] - seen
        seen |= found
        waiting += found
    return seen


def main() -> None:
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    measured = measure(root)
    print(*summary(measured, EXCEPTIONS), sep="\n")
    for package in PACKAGES:
        for group in circles(import_graph(root, parsed(root, package))):
            print(f"    circle: {', '.join(group)}")
    found = list(findings(measured, EXCEPTIONS))
    if found:
        print(*found, sep="\n")
        raise SystemExit(f"{len(found)} findings in the structure")


if __name__ == "__main__":
    main()
