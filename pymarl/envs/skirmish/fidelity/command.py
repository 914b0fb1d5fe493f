"""``python -m pymarl.envs.skirmish fidelity``."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pymarl.errors import EnvError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--maps",
        nargs="+",
        default=None,
        metavar="MAP",
        help="default: maps with a number of the game's; 'all': every built-in map",
    )
    parser.add_argument("--episodes", type=int, default=1000, help="per map and policy")
    parser.add_argument("--seed", type=int, default=0)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line, summary last")
    form.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    form.add_argument(
        "--into", type=Path, metavar="FILE", help="write the Markdown between FILE's markers"
    )


def run(args: argparse.Namespace) -> Iterator[str]:
    """Measure; yield what is to be printed.

    Raises:
        EnvError: an argument is wrong, or the game's numbers cannot be read.
        MapError: a map is unknown.
    """
    from tqdm import tqdm

    from pymarl.envs.skirmish.fidelity import report
    from pymarl.envs.skirmish.fidelity.comparison import compare_maps, summarize
    from pymarl.envs.skirmish.fidelity.game_numbers import load_game_numbers
    from pymarl.envs.smac.maps.map_spec import load_map, map_names

    if args.episodes < 2:
        raise EnvError(f"--episodes {args.episodes}: expected at least 2, for a standard error")
    if args.seed < 0:
        raise EnvError(f"--seed {args.seed}: expected 0 or more")
    game = load_game_numbers()
    maps = list(dict.fromkeys(args.maps or game.maps()))
    if maps == ["all"]:
        maps = list(dict.fromkeys([*game.maps(), *map_names()]))
    for name in maps:
        load_map(name)
    rows = []
    measured = compare_maps(maps, game, args.episodes, args.seed)
    # None: no bar where stderr is not a terminal.
    hide = True if args.json else None
    for row in tqdm(measured, total=len(maps), unit=" maps", disable=hide, leave=False):
        rows.append(row)
        if args.json:
            yield report.to_json(row)
    if args.json:
        yield report.summary_json(summarize(rows), args.seed)
    elif args.into:
        report.write_between_markers(args.into, report.to_markdown(rows, args.seed))
        yield f"wrote {args.into}"
    elif args.markdown:
        yield report.to_markdown(rows, args.seed).rstrip()
    else:
        yield report.to_text(rows).rstrip()
