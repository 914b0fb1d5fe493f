"""No compiled function of the package is outside the hash that names its cache folder."""

import ast
import sys

import pytest

from pymarl.kernels import simulator_jit, training_jit
from pymarl.kernels.sources import (
    PACKAGE,
    UnknownKernelFileError,
    imported_files,
    kernel_files,
    require_known_file,
)

KINDS = {
    "simulator_jit": {"kernel", "inlined_kernel", "inner_kernel", "cold_kernel", "setup_kernel"},
    "training_jit": {"compiled"},
}


def decorated_files(names):
    """The files whose functions carry one of these decorators, by their syntax trees."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", []):
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(called, ast.Name) and called.id in names:
                    yield path


@pytest.mark.parametrize("kind", KINDS)
def test_every_decorated_function_lies_in_a_hashed_file(kind):
    decorated = set(decorated_files(KINDS[kind]))
    assert len(decorated) > 5
    assert decorated <= set(kernel_files(f"kernels.{kind}"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_hashed_files_import_is_hashed_too(kind):
    files = set(kernel_files(f"kernels.{kind}"))
    for path in files:
        assert set(imported_files(path)) <= files


def test_the_simulators_hash_holds_its_constants():
    names = {path.name for path in simulator_jit.FILES}
    assert {"constants.py", "unit_table.py", "features.py", "simulator_jit.py"} <= names
    assert "training_jit.py" not in names


def test_imports_of_every_form_are_seen(tmp_path):
    package = tmp_path / "pymarl"
    for name in ("a.py", "b.py", "c/__init__.py", "c/d.py", "e.py", "f.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    user = package / "user.py"
    user.write_text(
        "import pymarl.a\n"
        "from pymarl import b as short, missing\n"
        "def late():\n    from pymarl.c import (  # reason\n        d,\n    )\n"
        "from pymarl.e import f  # f is a name in e, not the file\n"
        "text = 'from pymarl.f import g'\n"
    )
    found = {str(path.relative_to(package)) for path in imported_files(user, package)}
    assert found == {"a.py", "b.py", "c/__init__.py", "c/d.py", "e.py"}


@pytest.mark.parametrize("line", ["@kernel", "@kernel  # a reason", "@kernel # noqa\n# more"])
def test_a_kernel_is_hashed_however_its_decorator_is_written(tmp_path, line):
    package = tmp_path / "pymarl"
    (package / "kernels").mkdir(parents=True)
    (package / "kernels" / "simulator_jit.py").write_text("def kernel(function): ...\n")
    (package / "planted.py").write_text(
        "from pymarl.kernels.simulator_jit import kernel  # here\nimport pymarl.helper\n"
        f"{line}\ndef double(x):\n    return 2 * x\n"
    )
    (package / "helper.py").write_text("TWO = 2\n")
    (package / "other.py").write_text("@kernel\ndef plain(x): ...\n")
    names = [path.name for path in kernel_files("kernels.simulator_jit", package)]
    assert names == ["helper.py", "simulator_jit.py", "planted.py"]


def test_a_kernel_in_an_unseen_file_is_refused(monkeypatch):
    def kernel_of_this_file():
        """A stand-in for a function of the package."""

    monkeypatch.setattr("pymarl.kernels.sources.PACKAGE", PACKAGE.parent / "tests")
    with pytest.raises(UnknownKernelFileError, match=r"test_sources.*would go unnoticed"):
        require_known_file(kernel_of_this_file, simulator_jit.FILES)
    monkeypatch.undo()
    require_known_file(
        kernel_of_this_file, training_jit.FILES
    )  # not of the package: its own affair


def test_asking_for_the_files_imports_nothing():
    before = set(sys.modules)
    kernel_files("kernels.training_jit")
    assert set(sys.modules) == before
