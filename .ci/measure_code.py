"""Measure the code: sizes of files, functions, folders; docstrings, comments, tests.

    python .ci/measure_code.py [ROOT] [--check]        (make measure-code, make check-sizes)

Prints one table. With --check the exit code is 1 when a limit of CONTRIBUTING.md is passed, and the
places are listed. Only what git tracks counts; source is pymarl/, analysis/ and workflow/.
"""

import argparse
import ast
import io
import statistics
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = ("pymarl", "analysis", "workflow")
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 50
MAX_PARAMETERS = 8
MAX_FILES_IN_FOLDER = 15
LONG_FUNCTIONS_ALLOWED = {"run_sequential"}
"""PyMARL's loop is meant to be read from top to bottom in one piece."""
DATA_FOLDERS = {"configs/maps", "configs/maps/terrains", "docs/images"}
"""One file a map or picture: users look them up by name."""


class Function(NamedTuple):
    """One function: where it is, how long its code is, and how many parameters it takes."""

    place: str
    name: str
    lines: int
    parameters: int


class Code(NamedTuple):
    """What was counted in a set of Python files."""

    file_lines: dict[str, int]
    functions: list[Function]
    undocumented: list[str]
    public_names: int
    code_lines: int
    comment_lines: int


def tracked(root: Path) -> list[str]:
    """Return the paths that git tracks below ``root``."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files"], capture_output=True, text=True, check=True
    )
    return [path for path in listed.stdout.splitlines() if (root / path).is_file()]


def docstring_lines(node: ast.AST) -> int:
    """Return how many lines the docstring of a function takes."""
    body = getattr(node, "body", [])
    if not body or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Constant):
        return 0
    first = body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def functions_of(tree: ast.AST, path: str) -> Iterator[Function]:
    """Yield all functions of a file; a docstring does not count as lines, ``self`` does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            a = node.args
            count = len(a.posonlyargs) + len(a.args) + len(a.kwonlyargs)
            count += bool(a.vararg) + bool(a.kwarg)
            lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            yield Function(f"{path}:{node.lineno}", node.name, lines, count)


def public_definitions(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield the public classes, functions and methods with whether they say what they are."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) is not None
            members = node.body if isinstance(node, ast.ClassDef) else []
            for member in members:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    names = {
                        getattr(d, "id", getattr(d, "attr", "")) for d in member.decorator_list
                    }
                    in_base_class = names & {"override", "overload", "setter"}
                    if not member.name.startswith("_") and not in_base_class:
                        yield f"{node.name}.{member.name}", ast.get_docstring(member) is not None


def comment_and_code_lines(text: str) -> tuple[int, int]:
    """Return the numbers of lines that hold a comment, and that hold code (no docstrings)."""
    comments: set[int] = set()
    code: set[int] = set()
    skipped = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments.add(token.start[0])
        elif token.type not in skipped and token.type != tokenize.ENDMARKER:
            alone = token.type == tokenize.STRING and before in skipped
            if not alone:
                code.update(range(token.start[0], token.end[0] + 1))
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            before = token.type
    return len(comments), len(code)


def measure(root: Path, paths: list[str]) -> Code:
    """Count everything in these Python files."""
    result = Code({}, [], [], 0, 0, 0)
    public = code = comments = 0
    for path in paths:
        text = (root / path).read_text(encoding="utf-8")
        tree = ast.parse(text)
        result.file_lines[path] = text.count("\n")
        result.functions.extend(functions_of(tree, path))
        for name, has_docstring in public_definitions(tree):
            public += 1
            if not has_docstring:
                result.undocumented.append(f"{path}: {name}")
        commented, coded = comment_and_code_lines(text)
        comments, code = comments + commented, code + coded
    return result._replace(public_names=public, code_lines=code, comment_lines=comments)


def over_limits(source: Code, tests: Code, folders: Counter[str]) -> dict[str, list[str]]:
    """Return what passes a limit, by the name of the limit."""
    every = [*source.functions, *tests.functions]
    lines = source.file_lines | tests.file_lines
    return {
        f"files over {MAX_FILE_LINES} lines": [
            f"{path}: {count}" for path, count in lines.items() if count > MAX_FILE_LINES
        ],
        f"functions over {MAX_FUNCTION_LINES} lines": [
            f"{f.place} {f.name}: {f.lines}"
            for f in source.functions
            if f.lines > MAX_FUNCTION_LINES and f.name not in LONG_FUNCTIONS_ALLOWED
        ],
        f"functions over {MAX_PARAMETERS} parameters": [
            f"{f.place} {f.name}: {f.parameters}" for f in every if f.parameters > MAX_PARAMETERS
        ],
        f"folders over {MAX_FILES_IN_FOLDER} files": [
            f"{folder}: {count}"
            for folder, count in sorted(folders.items())
            if count > MAX_FILES_IN_FOLDER and folder not in DATA_FOLDERS
        ],
        "public names without docstring": source.undocumented,
    }


def table(source: Code, tests: Code, folders: Counter[str]) -> list[str]:
    """Return the lines of the table."""
    sizes = sorted(source.file_lines.values())
    n_lines, n_test_lines = sum(sizes), sum(tests.file_lines.values())
    longest = max(source.functions, key=lambda f: f.lines)
    widest = max([*source.functions, *tests.functions], key=lambda f: f.parameters)
    folder, count = max(
        ((name, n) for name, n in folders.items() if name not in DATA_FOLDERS), key=lambda x: x[1]
    )
    rows = [
        ("source files / lines", f"{len(sizes)} / {n_lines}"),
        ("median / 90 % / longest file, lines", f"{statistics.median(sizes):.0f} / "
         f"{sizes[int(0.9 * len(sizes))]} / {sizes[-1]}"),
        ("functions", f"{len(source.functions)}"),
        ("longest function", f"{longest.name}, {longest.lines} lines"),
        ("most parameters", f"{widest.name}, {widest.parameters}"),
        ("fullest folder", f"{folder}, {count} files"),
        ("public names / documented", f"{source.public_names} / "
         f"{100 * (1 - len(source.undocumented) / max(source.public_names, 1)):.1f} %"),
        ("comment lines : code lines", f"{100 * source.comment_lines / source.code_lines:.1f} %"),
        ("test lines : source lines", f"{n_test_lines / n_lines:.2f}"),
    ]  # fmt: skip  # a row of the table each
    rows += [(name, str(len(found))) for name, found in over_limits(source, tests, folders).items()]
    return [f"| {name} | {value} |" for name, value in rows]


def main() -> int:
    """Print the table; return 1 when a limit was to be checked and is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--check", action="store_true", help="fail when a limit is passed")
    arguments = parser.parse_args()
    paths = tracked(arguments.root)
    python = [path for path in paths if path.endswith(".py") and Path(path).name != "__init__.py"]
    source = measure(arguments.root, [p for p in python if p.split("/")[0] in SOURCE])
    tests = measure(arguments.root, [p for p in python if p.startswith("tests/")])
    folders = Counter(
        str(Path(path).parent)
        for path in paths
        if Path(path).name not in ("__init__.py", ".gitkeep")
    )
    del folders["."]  # the top level holds what tools look for there
    sys.stdout.write(
        "\n".join(["| what | now |", "|---|---|", *table(source, tests, folders)]) + "\n"
    )
    found = over_limits(source, tests, folders)
    if arguments.check:
        for name, places in found.items():
            for place in places:
                sys.stderr.write(f"{name}: {place}\n")
    return int(arguments.check and any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
