"""The command line of the pipeline: ``python -m workflow COMMAND``.

Exit codes: 0 done, 1 something failed or is wrong, 2 a mistake in what was asked for; ``reproduce``
ends with 128 + signal when it was stopped.
"""

import argparse
import inspect
import sys
from typing import Any, NoReturn

from workflow.commands import COMMANDS
from workflow.errors import PipelineError, did_you_mean


class _Parser(argparse.ArgumentParser):
    """Reports mistakes as this project's other command lines do: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise PipelineError(f"{message}; see {self.prog} --help")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; an unknown argument is refused here, by the subcommand that was given it."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            hint = did_you_mean(unknown[0].partition("=")[0], self._option_string_actions)
            self.error(f"unknown argument {unknown[0]!r}{hint}")
        return parsed, unknown


def build_parser() -> _Parser:
    """Return the parser with one subcommand for each command."""
    parser = _Parser(prog="python -m workflow", description="The pipeline's own commands.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        description = inspect.getdoc(command) or ""
        subparser = subparsers.add_parser(
            name, help=description.splitlines()[0], description=description
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse a command line; what follows ``--`` goes to Snakemake as it is.

    Raises:
        PipelineError: an unknown command or argument, or a wrong value.
    """
    own, snakemake_arguments = arguments, list[str]()
    if "--" in arguments:
        cut = arguments.index("--")
        own, snakemake_arguments = arguments[:cut], arguments[cut + 1 :]
    if own and not own[0].startswith("-") and own[0] not in COMMANDS:
        raise PipelineError(
            f"unknown command {own[0]!r}; known: {', '.join(COMMANDS)}"
            f"{did_you_mean(own[0], COMMANDS)}"
        )
    parsed = build_parser().parse_args(own)
    if snakemake_arguments and parsed.command != "reproduce":
        raise PipelineError(
            f"{parsed.command} does not call snakemake: leave out -- and what follows"
        )
    parsed.snakemake_arguments = snakemake_arguments
    return parsed


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; a user's mistake is one line, no traceback."""
    try:
        parsed = parse(list(sys.argv[1:] if arguments is None else arguments))
        code: int = parsed.run(parsed)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main())
