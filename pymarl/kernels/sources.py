"""Which source files compiled code depends on, and a hash of them.

A kernel can only be decorated in a file that imports the decorator's module, and it can only read
constants and call kernels that its file imports. So the sources of all kernels are: the files that
import the decorator's module, and what these import from this package, step by step. Files are read
as text: asking for the hash imports nothing.
"""

import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np

PACKAGE: Final = Path(__file__).resolve().parents[1]
_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>[\w.]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#]*)"
    r"|import[ \t]+(?P<module>[\w.]+))",
    re.MULTILINE,
)


class UnknownKernelFileError(Exception):
    """A function was decorated in a file of the package that is in no hash."""


def imported_files(path: Path, package: Path = PACKAGE) -> Iterator[Path]:
    """Yield the files of ``package`` that the imports of ``path`` name.

    Args:
        path: a Python file; imports inside functions count, too.
        package: the folder of a package; imports are absolute (``from <package name>.x import y``).
    """
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        module = found["source"] or found["module"]
        names = re.findall(r"\w+", found["names"] or "")
        for dotted in (module, *(f"{module}.{name}" for name in names)):
            first, *rest = dotted.split(".")
            if first == package.name:
                place = package.joinpath(*rest)
                yield from (
                    f for f in (place.with_suffix(".py"), place / "__init__.py") if f.is_file()
                )


def kernel_files(decorators: str, package: Path = PACKAGE) -> list[Path]:
    """Return all files that compiled code of one kind depends on, sorted.

    Args:
        decorators: the module of the decorator inside the package, ``kernels.simulator_jit``.
        package: the folder of the package.
    """
    home = package.joinpath(*decorators.split(".")).with_suffix(".py")
    imports = _import_graph(package)
    waiting = {path for path, named in imports.items() if home in named} | ({home} & set(imports))
    files: set[Path] = set()
    while waiting:
        path = waiting.pop()
        files.add(path)
        waiting |= imports.get(path, set()) - files
    return sorted(files)


@functools.cache  # both kinds of kernels ask, and the warm-up
def _import_graph(package: Path) -> dict[Path, set[Path]]:
    """Return the files that each file of ``package`` imports from it."""
    return {path: set(imported_files(path, package)) for path in package.rglob("*.py")}


def source_hash(paths: Iterable[Path], *versions: str) -> str:
    """Return a short hash of source files (names and contents) and of the compilers' versions.

    Args:
        paths: the files; their order does not matter.
        versions: more that compiled code depends on.
    """
    digest = hashlib.sha256(repr((numba.__version__, np.__version__, *versions)).encode())
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def require_known_file(function: Callable[..., Any], files: Collection[Path]) -> None:
    """Refuse a kernel of this package whose file is not among ``files``.

    Its machine code would be kept under a hash that does not change with it.

    Raises:
        UnknownKernelFileError: the decorator came by a way that ``kernel_files`` does not see.
    """
    path = Path(inspect.getfile(function)).resolve()
    if PACKAGE in path.parents and path not in files:
        raise UnknownKernelFileError(
            f"{path}: {function.__name__} is compiled, but this file does not import the decorator "
            "from its module in pymarl/kernels; a change in it would go unnoticed by the cache. "
            "Import the decorator there: from pymarl.kernels.simulator_jit import kernel"
        )
