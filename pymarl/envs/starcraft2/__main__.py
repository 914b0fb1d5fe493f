"""Command line of the StarCraft II environment: ``python -m pymarl.envs.starcraft2 --help``."""

import argparse
import json
import math
import sys
from typing import Any

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.starcraft2 import requirements
from pymarl.envs.starcraft2.process.installation import find_game, find_map
from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env
from pymarl.envs.starcraft2.upstream_smac_env import UpstreamSmacEnv
from pymarl.errors import ConfigError, PymarlError


def main(argv: list[str]) -> int:
    """Run one command; 0 done, 1 a difference was found or a game was lost, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m pymarl.envs.starcraft2",
        description="StarCraft II (or its stand-in) at SC2PATH; "
        "see docs/environments/starcraft2.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("check", "show the game, the map's file and what the game says of itself"),
        ("parity", "compare our environment with upstream's (package smac), bit for bit"),
        ("bench", "measure the speed through the protocol"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--map", default="3m", help="map name (default: 3m)")
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--seed", type=int, default=0)
        if name == "parity":
            command.add_argument("--episodes", type=int, default=20)
        if name == "bench":
            command.add_argument("--steps", type=int, default=500, help="steps per round")
            command.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(argv)
    try:
        return {"check": check, "parity": parity, "bench": bench}[args.command](args)
    except ConfigError as error:
        print(f"starcraft2: {error}", file=sys.stderr)
        return 2
    except PymarlError as error:
        print(f"starcraft2: {error}", file=sys.stderr)
        return 1


def check(args: argparse.Namespace) -> int:
    """Start the game once and show what was found."""
    requirements.check_packages()
    game = find_game(None)
    spec = load_map(args.map)
    file = find_map(game.root, spec)
    env = StarCraft2Env(map_name=args.map, seed=args.seed)
    try:
        found = {
            "SC2PATH": str(game.root),
            "executable": str(game.executable),
            "map_path": str(file.path),
            "reset": spec.game.reset,
            **env.provenance(),
        }
    finally:
        env.close()
    _print_report(found, args.json)
    return 0


def parity(args: argparse.Namespace) -> int:
    """Compare with upstream's environment."""
    from pymarl.envs.starcraft2.tools.upstream_parity import COMPARED_OPTIONS, compare

    if args.episodes < 1:
        raise ConfigError(f"--episodes {args.episodes}: expected at least 1")
    upstream = UpstreamSmacEnv(map_name=args.map, seed=args.seed, **COMPARED_OPTIONS)
    ours = StarCraft2Env(map_name=args.map, seed=args.seed, **COMPARED_OPTIONS)
    try:
        backend = ours.provenance()["backend"]
        ours.close()  # the comparison begins with fresh games
        reseed = backend == "standin"
        result = compare(ours, upstream, args.episodes, args.seed, reseed=reseed)
    finally:
        ours.close()
        upstream.close()
    found = {
        "map": args.map,
        "backend": backend,
        "episodes": result.episodes,
        "steps": result.steps,
        "numbers": result.numbers,
        "skipped_after_draws": result.skipped,
        "difference": str(result.difference) if result.difference else None,
    }
    _print_report(found, args.json)
    return 1 if result.difference else 0


def bench(args: argparse.Namespace) -> int:
    """Measure speeds; upstream's too where its package is installed."""
    from pymarl.envs.starcraft2.tools.protocol_speed import measure_speed

    if args.steps < 1 or args.rounds < 1:
        raise ConfigError("--steps and --rounds: expected at least 1")
    requirements.check_packages()
    try:
        upstream = UpstreamSmacEnv(map_name=args.map, seed=args.seed)
    except ConfigError:
        upstream = None
    try:
        report = measure_speed(args.map, args.steps, args.rounds, upstream)
    finally:
        if upstream is not None:
            upstream.close()
    _print_report(report, args.json)
    return 0


def _print_report(found: dict[str, Any], as_json: bool) -> None:
    """Print a report."""
    if as_json:
        print(json.dumps(_json_value(found), indent=2))
        return
    for key, value in found.items():
        if isinstance(value, dict):
            parts = ", ".join(f"{name} {_format_value(entry)}" for name, entry in value.items())
            print(f"{key}: {parts}")
        else:
            print(f"{key}: {_format_value(value)}")


def _format_value(value: Any) -> str:
    """Return a value for reading."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _json_value(value: Any) -> Any:
    """Return a value that JSON knows: no NaN."""
    if isinstance(value, dict):
        return {key: _json_value(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
