"""docs/recipes.md: every command and every piece of Python on the page is run as it stands there.

``analysis`` and ``pymarl`` run in this process, which saves their imports. Pipelines run the real
Snakefile with the fake trainer, dry runs the trainer's real check.
"""

import re
import shlex
from pathlib import Path

import pytest

from analysis import cli as analysis_cli
from pymarl import main as trainer
from tests.analysis.synthetic_runs import dump, write_run
from tests.analysis.synthetic_sacred import marl_eval_run, write_sacred

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def rising(top):
    return [top * k / 20 for k in range(21)]


def write_inputs(place):
    """The folders and files that the page speaks of, each as small as its recipe allows."""
    results = place / "results"
    for number, (alg, value) in enumerate([("qmix", 0.4), ("qmix", 0.6), ("vdn", 0.4)], 1):
        settings = {"name": alg, "td_lambda": value}
        for i, name in enumerate(["3m", "8m"]):
            config = settings | {"env_args": {"map_name": name}}
            write_sacred(results / f"sacred/{2 * number + i}", rising(value), config)
    for name, value in (("base", 0.5), ("tuned", 0.9)):
        write_sacred(results / name / "1", rising(value))
    write_sacred(results / "sacred_without_map/1", rising(0.5), {"env_args": {"n_agents": 8}})
    write_sacred(results / "stopped/1", rising(0.5)[:14], {"t_max": 200_000})
    write_sacred(results / "stopped/2", rising(0.6)[:16], {"t_max": 200_000})
    for path, values in {
        "mava/a/metrics.json": [0, 30, 60],
        "mava/b/metrics.json": [0, 0.5, 0.5],
        "mava.json": [0, 30, 60],
        "ours.json": [0, 0.3, 0.6],
    }.items():
        task = f"task {Path(path).parent.name or Path(path).stem}"
        dump(place / path, {"smax": {task: {"mat": {"seed_0": marl_eval_run(values)}}}})
    for name in ("3m", "8m"):
        for alg in ("qmix", "vdn"):
            for seed in (1, 2, 3):
                write_run(results / "runs", name, alg, seed)


class Reader:
    """Does what the page says, in ``workplace.folder``."""

    def __init__(self, workplace, capsys):
        self.workplace, self.capsys = workplace, capsys

    def run(self, recipe):
        for kind, text in BLOCK.findall(recipe):
            getattr(self, kind)(text)

    def yaml(self, text):
        name = text.partition("\n")[0].removeprefix("# ")
        assert name.endswith(".yaml")
        (self.workplace.folder / name).write_text(text)

    def python(self, text):
        names = {"__name__": "recipe"}
        exec(compile(text, "recipe", "exec"), names)
        assert names.get("exit_code", 0) == 0

    def bash(self, text):
        for line in text.splitlines():
            self.command(line)

    def command(self, line):
        """Run one line; what it ends with is asserted to be exit code 0."""
        words = shlex.split(line)
        if words[:3] == ["python", "-m", "analysis"]:
            code = analysis_cli.main(words[3:])
        elif words[:3] == ["python", "-m", "pymarl"]:
            code = trainer.main(words[3:])
        elif words[:2] == ["make", "reproduce"]:
            given = dict(word.split("=", 1) for word in words[2:])
            experiment, more = given.pop("EXP"), shlex.split(given.pop("ARGS", ""))
            assert not given, line
            code, out = self.piped(self.workplace.reproduce, experiment, *more)
        else:
            assert words[0] == "snakemake", f"{line}: this test does not know how to run it"
            arguments = [w for w in words[1:] if w not in ("--cores", "2")]
            if "-n" in arguments:
                code, out = self.workplace.snakemake(*arguments)
            else:
                code, out = self.piped(self.workplace.snakemake, *arguments)
        printed = self.capsys.readouterr()
        said = out if words[0] in ("make", "snakemake") else printed.err
        assert code == 0, f"{line}\n{said}"

    def piped(self, call, *arguments):
        """Train with the fake trainer, beside what the test's own commands use."""
        before = dict(self.workplace.env)
        self.workplace.use_fake_trainer()
        try:
            return call(*arguments)
        finally:
            self.workplace.env = before


@pytest.fixture
def reader(workplace, capsys, monkeypatch):
    monkeypatch.chdir(workplace.folder)
    write_inputs(workplace.folder)
    return Reader(workplace, capsys)


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_does_what_it_says(reader, title):
    assert BLOCK.search(RECIPES[title]), f"{title}: nothing to run"
    reader.run(RECIPES[title])


@pytest.mark.parametrize(
    "broken",
    [
        "python -m analysis import --from pymarl results/sacred --outt D",
        "python -m analysis import --from marl-eval ours.json --out D",
        "python -m pymarl check --config=qmix --env-config=sim with lrr=1",
        "snakemake -n --config experiment=smoke td_lambda=0.4",
        "make figures",
    ],
)
def test_a_broken_command_would_be_seen(reader, broken):
    with pytest.raises((AssertionError, SystemExit)):
        reader.bash(broken)


def test_broken_python_would_be_seen(reader):
    with pytest.raises(AssertionError):
        reader.python("exit_code = 2")
