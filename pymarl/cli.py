"""The command line PyMARL users know: ``--config=qmix --env-config=sim with key=value ...``."""

import argparse
import textwrap
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from pymarl.config.layers import available
from pymarl.errors import ConfigError
from pymarl.runs.progress_reporter import ProgressMode

USAGE = """\
python -m pymarl [check] --config=ALG --env-config=ENV [--progress=MODE] [with KEY=VALUE ...]

Trains one run:
  python -m pymarl --config=qmix --env-config=sim with env_args.map_name=3m t_max=50000 seed=1
'check' only validates and prints the resolved configuration.

  --config=ALG       one of: {algs}
  --env-config=ENV   one of: {envs}
  --progress=MODE    auto (a bar on a terminal), plain or off
  with KEY=VALUE     overrides of any key in configs/default.yaml, configs/envs/ENV.yaml and
                     configs/algs/ALG.yaml; dots go into env_args
"""


@dataclass(frozen=True, slots=True)
class TrainingCommand:
    """A parsed command line."""

    action: Literal["train", "check"]
    alg: str
    env: str
    progress: ProgressMode
    overrides: list[str]


_FOLDER = (
    "results go to results/runs; another place: with local_results_path=FOLDER (or run_dir=FOLDER, "
    "exactly this run's folder)"
)
_CHECK = "the configuration is printed by: python -m pymarl check --config=ALG --env-config=ENV"
_RECORDS = "every run is recorded in its run folder and nowhere else; leave it out"
_NO_SUCH = "it has no counterpart here; leave it out"
SACRED_OPTIONS: Final = {
    **dict.fromkeys(("-F", "--file-storage"), _FOLDER),
    **dict.fromkeys(("-n", "--name"), "name the experiment: with experiment=NAME"),
    **dict.fromkeys(("-i", "--id"), "choose the folder: with run_dir=FOLDER"),
    **dict.fromkeys(("-c", "--comment"), "a run keeps a text: with label=TEXT"),
    **dict.fromkeys(("-p", "--print-config", "print-config", "save-config"), _CHECK),
    **dict.fromkeys(
        ("-m", "--mongo-db", "-s", "--sql", "-t", "--tiny-db", "-S", "--s3", "-G", "--gcs"),
        _RECORDS,
    ),
    **dict.fromkeys(
        ("-u", "--unobserved", "-q", "--queue", "-d", "--debug", "-D", "--pdb", "-f", "--force"),
        _NO_SUCH,
    ),
    **dict.fromkeys(("-l", "--loglevel", "-b", "--beat-interval", "-C", "--capture"), _NO_SUCH),
    **dict.fromkeys(("-P", "--priority", "-e", "--enforce-clean"), _NO_SUCH),
}
"""What to do in the place of sacred's options and commands (sacred/commandline_options.py)."""


class HelpRequestedError(Exception):
    """``--help`` was given; the message is the help text."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        """Raise a :class:`ConfigError`."""
        raise ConfigError(f"command line: {message}; try: python -m pymarl --help")


def usage() -> str:
    """Return the help text."""
    indent = "\n" + 29 * " "
    algs = indent.join(textwrap.wrap(", ".join(available("algs")), 70))
    return USAGE.format(algs=algs, envs=", ".join(available("envs")))


def parse(argv: list[str]) -> TrainingCommand:
    """Return the command written in ``argv``; ``--config qmix`` and ``--config=qmix`` are the same.

    Raises:
        ConfigError: a flag is missing or unknown, or something that is no ``key=value`` follows
            ``with``.
        HelpRequestedError: for ``-h`` and ``--help``.
    """
    cut = argv.index("with") if "with" in argv else len(argv)
    flags, overrides = argv[:cut], argv[cut + 1 :]
    if not argv or "-h" in flags or "--help" in flags:
        raise HelpRequestedError(usage())
    for flag in flags:
        if "=" in flag and not flag.startswith("-"):
            raise ConfigError(
                f"command line: {flag!r}: overrides go after the word 'with', as in: with {flag}"
            )
    for flag in flags:
        name = flag.partition("=")[0].replace("_", "-")
        if name[:1] == "-" and name[1:2] != "-":
            name = name[:2]  # -FFOLDER
        if advice := SACRED_OPTIONS.get(name):
            raise ConfigError(f"command line: {flag} is sacred's; {advice}")
    parser = _Parser(prog="python -m pymarl", add_help=False, allow_abbrev=False)
    parser.add_argument("action", nargs="?", choices=("train", "check"), default="train")
    parser.add_argument("--config")
    parser.add_argument("--env-config")
    parser.add_argument("--progress", choices=("auto", "plain", "off"), default="auto")
    known, unknown = parser.parse_known_args(flags)
    if unknown:
        raise ConfigError(
            f"command line: {unknown[0]!r} is not understood; try: python -m pymarl --help"
        )
    for flag, value, folder in (
        ("--config", known.config, "algs"),
        ("--env-config", known.env_config, "envs"),
    ):
        if value is None:
            raise ConfigError(
                f"{flag}: missing; one of {', '.join(available(folder))}, "
                f"as in {flag}={available(folder)[0]}"
            )
    return TrainingCommand(known.action, known.config, known.env_config, known.progress, overrides)
