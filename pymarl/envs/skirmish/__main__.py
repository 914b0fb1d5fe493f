"""Command line of the simulator.

``python -m pymarl.envs.skirmish maps|show|check|bench|balance|fidelity|replay|import``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pymarl.envs.skirmish.fidelity import command as fidelity
from pymarl.envs.smac.maps.map_spec import MapSpec, load_map, map_names, read_map
from pymarl.envs.smac.smacv2.names import SCENARIOS
from pymarl.errors import PymarlError
from pymarl.utils.atomic import write_text


def parser() -> argparse.ArgumentParser:
    """Return the command line's definition."""
    top = argparse.ArgumentParser(prog="python -m pymarl.envs.skirmish", description=__doc__)
    sub = top.add_subparsers(dest="command", required=True)
    sub.add_parser("maps", help="list the built-in maps")
    show = sub.add_parser("show", help="describe and draw a map")
    show.add_argument("map", help="a map name or a map file")
    check = sub.add_parser("check", help="check map files")
    check.add_argument("files", nargs="+", type=Path)
    bench = sub.add_parser("bench", help="measure environment steps per second per core")
    bench.add_argument("--maps", nargs="+", default=["3m", "2s3z", "27m_vs_30m", "2c_vs_64zg"])
    bench.add_argument("--batch", nargs="+", type=int, default=[1, 32])
    bench.add_argument("--seconds", type=float, default=1.0, help="CPU seconds per measurement")
    bench.add_argument("--copies", action="store_true", help="time snapshots and copies instead")
    bench.add_argument("--json", action="store_true", help="one JSON object a line")
    balance = sub.add_parser("balance", help="win rate and length of fixed policies on every map")
    balance.add_argument("--maps", nargs="+", default=None)
    balance.add_argument("--policies", nargs="+", default=None)
    balance.add_argument("--episodes", type=int, default=500)
    balance.add_argument("--out", type=Path, help="write the Markdown table here as well")
    balance.add_argument("--json", action="store_true", help="one JSON object a line")
    fidelity.add_arguments(sub.add_parser("fidelity", help="fixed policies beside the real game"))
    replay = sub.add_parser("replay", help="record, verify and export battles")
    actions = replay.add_subparsers(dest="action", required=True)
    record = actions.add_parser("record", help="play an episode of a fixed policy and record it")
    record.add_argument("map")
    record.add_argument("file", type=Path)
    record.add_argument("--policy", default="heuristic")
    record.add_argument("--seed", type=int, default=0)
    verify = actions.add_parser("verify", help="play replays again and compare every bit")
    verify.add_argument("files", nargs="+", type=Path)
    export = actions.add_parser("export", help="write .gif, .mp4, or .json for the battle viewer")
    export.add_argument("file", type=Path)
    export.add_argument("out", type=Path)
    export.add_argument("--every", type=int, default=None, help="game loops per frame")
    imports = sub.add_parser("import", help="turn a .SC2Map archive into a map file")
    imports.add_argument("archive", type=Path)
    imports.add_argument("out", type=Path)
    return top


def _spec(name: str) -> MapSpec:
    """Return a map by name or file."""
    path = Path(name)
    return read_map(path) if path.suffix in (".yaml", ".yml", ".json") else load_map(name)


def _maps(_: argparse.Namespace) -> None:
    """List the maps."""
    print(f"{'map':32}{'agents':>7}{'enemies':>8}{'limit':>6}  units")
    for name in (*map_names(), *SCENARIOS):
        spec = load_map(name)
        if spec.scenario:
            units = f"drawn in every episode: {', '.join(spec.scenario.teams.types)}"
            print(f"{name:32}{spec.n_agents:7}{spec.n_enemies:8}{spec.limit:6}  {units}")
            continue
        sides = [
            " ".join(f"{group.count} {group.unit}" for group in side.groups)
            for side in (spec.ally, spec.enemy)
        ]
        if spec.map_type == "marines" and len(spec.ally.groups) > 2:
            sides = [f"{spec.n_agents} marine", f"{spec.n_enemies} marine"]
        print(
            f"{name:32}{spec.n_agents:7}{spec.n_enemies:8}{spec.limit:6}  {sides[0]} | {sides[1]}"
        )


def _show(args: argparse.Namespace) -> None:
    """Describe and draw one map."""
    from pymarl.envs.skirmish.maps.map_text import describe, draw

    spec = _spec(args.map)
    print(describe(spec))
    print(draw(spec))


def _check(args: argparse.Namespace) -> None:
    """Check map files, down to free places for all units."""
    from pymarl.envs.skirmish.maps.world import build_world

    for path in args.files:
        build_world(read_map(path))
        print(f"{path}: ok")


def _bench(args: argparse.Namespace) -> None:
    """Measure speed."""
    from pymarl.envs.skirmish.tools.bench import CopyTime, bench, copy_times

    for row in (copy_times if args.copies else bench)(args.maps, args.batch, args.seconds):
        if args.json:
            text = json.dumps(asdict(row))
        elif isinstance(row, CopyTime):
            size = f"snapshot {row.snapshot_bytes:,} bytes"
            text = f"{row.map:24} batch {row.batch:4} {row.call:20} {row.us:10.1f} us  {size}"
        else:
            speed = f"{row.steps_per_s:12,.0f} steps/s"
            text = f"{row.map:24} {row.api:7} batch {row.batch:4} {speed}"
        print(text, flush=True)


def _balance(args: argparse.Namespace) -> None:
    """Measure the balance table."""
    from pymarl.envs.skirmish.tools.balance import Balance, balance_table, to_markdown
    from pymarl.envs.skirmish.tools.policies import POLICIES

    def print_row(row: Balance) -> None:
        if args.json:
            print(json.dumps(asdict(row)), flush=True)

    policies = args.policies or list(POLICIES)
    for policy in policies:
        if policy not in POLICIES:
            raise PymarlError(f"--policies {policy}: unknown policy; known: {', '.join(POLICIES)}")
    rows = balance_table(args.maps or map_names(), policies, args.episodes, print_row)
    if not args.json:
        print(to_markdown(rows), end="")
    if args.out:
        write_text(args.out, to_markdown(rows))
        print(f"wrote {args.out}", file=sys.stderr)


def _fidelity(args: argparse.Namespace) -> None:
    """Compare fixed policies here with the same in the real game."""
    for line in fidelity.run(args):
        print(line, flush=True)


def _replay(args: argparse.Namespace) -> None:
    """Record, verify or export."""
    from pymarl.envs.skirmish.replays import replay

    if args.action == "record":
        from pymarl.envs.skirmish.replays.record_episodes import record_policy

        result = record_policy(args.map, args.policy, args.seed)
        replay.save(result, args.file)
        print(f"wrote {args.file}: {result.header.steps} steps, won: {result.header.won}")
    elif args.action == "verify":
        for path in args.files:
            print(f"{path}: {replay.verify(replay.load(path))}")
    else:
        from pymarl.envs.skirmish.replays.export import write_battle, write_film

        recorded = replay.load(args.file)
        if args.out.suffix == ".json":
            write_battle(recorded, args.out, args.every or 4)
        else:
            write_film(recorded, args.out, args.every or 2)
        print(f"wrote {args.out}")


def _import(args: argparse.Namespace) -> None:
    """Import a map archive."""
    from pymarl.envs.skirmish.maps.map_importer import import_map

    for line in import_map(args.archive, args.out):
        print(line)


_COMMANDS = {
    "maps": _maps,
    "show": _show,
    "check": _check,
    "bench": _bench,
    "balance": _balance,
    "fidelity": _fidelity,
    "replay": _replay,
    "import": _import,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 after one line about what was wrong."""
    args = parser().parse_args(argv)
    try:
        _COMMANDS[args.command](args)
    except PymarlError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
