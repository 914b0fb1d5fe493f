"""What StarCraft II did: ``configs/reference/starcraft2_play.json``.

The file names source, version of the game and doubts of every number;
``analysis/published/make_play_reference.py`` makes it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymarl.envs.smac.maps.maps_folder import config_places
from pymarl.errors import EnvError

FILE: Final = "reference/starcraft2_play.json"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error; None: the error is not known."""

    mean: float
    se: float | None


Estimates = dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class GameNumbers:
    """The real game's numbers by map.

    Attributes:
        random_length: environment steps of random play's episodes, the best estimate: from logs of
            training where there are any, otherwise from the SMAC paper's runs.
        random_length_paper: the same from the first episodes of the paper's runs.
        heuristic_won: test wins of SMAC's scripted agents in percent.
        early_return: test return between 50,000 and 100,000 steps of training by algorithm.
    """

    random_length: Estimates
    random_length_paper: Estimates
    heuristic_won: Estimates
    early_return: dict[str, Estimates]

    def maps(self) -> list[str]:
        """Return every map that has a number: the paper's, then others, each in file order."""
        sections = (
            self.early_return,
            self.random_length_paper,
            self.heuristic_won,
            self.random_length,
        )
        return list(dict.fromkeys(name for section in sections for name in section))


def load_game_numbers(path: Path | None = None) -> GameNumbers:
    """Read the file; None: the one that ships with the project.

    Raises:
        EnvError: it is missing or has another form.
    """
    places = [path] if path else config_places(FILE)
    for place in places:
        if place.is_file():
            return _parse(place)
    raise EnvError(
        f"the game's numbers: none of {', '.join(str(p) for p in places)} is there; run from a "
        "clone of the project or set PYMARL_CONFIG_DIR to its configs/ folder"
    )


def _parse(path: Path) -> GameNumbers:
    """Return the numbers of a file."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        if (tree["format"], tree["version"]) != ("starcraft2-play", 1):
            raise EnvError(
                f"{path}: format {tree['format']} version {tree['version']}, expected "
                "starcraft2-play version 1"
            )
        early = tree["early_return"]["maps"]
        return GameNumbers(
            random_length=_estimates(tree["random_length"]["maps"]),
            random_length_paper=_estimates(tree["random_length_paper"]["maps"]),
            heuristic_won=_estimates(tree["heuristic_won"]["maps"]),
            early_return={name: _estimates(algorithms) for name, algorithms in early.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EnvError(f"{path}: cannot be read as the game's numbers: {error!r}") from error


def _estimates(cells: dict[str, Any]) -> Estimates:
    """Return mean and error of each cell."""
    return {
        name: Estimate(float(c["mean"]), None if c["se"] is None else float(c["se"]))
        for name, c in cells.items()
    }
