"""``env_args``: SMAC's keys with SMAC's defaults, checked, as one frozen record."""

from dataclasses import dataclass, fields
from typing import Any

from pymarl.errors import ConfigError
from pymarl.utils.suggest import did_you_mean

_IGNORED = frozenset({"window_size_x", "window_size_y"})


@dataclass(frozen=True, slots=True)
class SmacArgs:
    """Arguments of SMAC's ``StarCraft2Env`` (same names, same defaults) plus ``map_file``.

    Attributes:
        map_name: built-in map. map_file: a map file of your own instead.
        step_mul: game loops per step; None: the map's. move_amount: length of a move order.
        difficulty: only "7" exists (the maps start no melee AI, so the levels have nothing to act
            on).
        game_version: of StarCraft II; the simulator ignores it. seed: of the environment's own
            stream; None: 0.
        continuing_episode: a time-limit end carries ``episode_limit=True`` in its info.
        obs_*, state_*: parts of observation and state. reward_*: the reward, see ``reward.py``.
        heuristic_ai: SMAC's scripted agents act. heuristic_rest: they walk by moves when out of
            range.
        replay_dir, replay_prefix: where ``save_replay`` writes. debug: log every step.
    """

    map_name: str = "8m"
    map_file: str | None = None
    step_mul: int | None = None
    move_amount: float = 2
    difficulty: str = "7"
    game_version: str | None = None
    seed: int | None = None
    continuing_episode: bool = False
    obs_all_health: bool = True
    obs_own_health: bool = True
    obs_last_action: bool = False
    obs_pathing_grid: bool = False
    obs_terrain_height: bool = False
    obs_instead_of_state: bool = False
    obs_timestep_number: bool = False
    state_last_action: bool = True
    state_timestep_number: bool = False
    reward_sparse: bool = False
    reward_only_positive: bool = True
    reward_death_value: float = 10
    reward_win: float = 200
    reward_defeat: float = 0
    reward_negative_scale: float = 0.5
    reward_scale: bool = True
    reward_scale_rate: float = 20
    replay_dir: str | None = ""
    replay_prefix: str | None = ""
    debug: bool = False
    heuristic_ai: bool = False
    heuristic_rest: bool = False

    @classmethod
    def parse(cls, values: dict[str, Any]) -> "SmacArgs":
        """Return checked arguments.

        Raises:
            ConfigError: unknown key, wrong type, value out of range, or a difficulty other than 7.
        """
        known = {field.name: field for field in fields(cls)}
        for key in values:
            if key not in known and key not in _IGNORED:
                raise ConfigError(
                    f"env_args.{key}: unknown key; known: {', '.join(sorted(known))}"
                    f"{did_you_mean(key, known)}"
                )
        args = cls(**{key: value for key, value in values.items() if key in known})
        for name in known:
            _check_type(name, getattr(args, name))
        _check_values(args)
        return args


_OPTIONAL = frozenset(
    {"map_file", "step_mul", "game_version", "seed", "replay_dir", "replay_prefix"}
)
_TEXTS = frozenset(
    {"map_name", "map_file", "difficulty", "game_version", "replay_dir", "replay_prefix"}
)
_INTEGERS = frozenset({"step_mul", "seed"})
_NUMBERS = frozenset(
    {
        "move_amount", "reward_death_value", "reward_win", "reward_defeat",
        "reward_negative_scale", "reward_scale_rate",
    }
)  # fmt: skip


def _check_type(name: str, value: Any) -> None:
    """Refuse a value of the wrong type."""
    if value is None and name in _OPTIONAL:
        return
    is_bool = isinstance(value, bool)
    if name in _TEXTS:
        good, expected = isinstance(value, str), "a text"
    elif name in _INTEGERS:
        good, expected = isinstance(value, int) and not is_bool, "an integer"
    elif name in _NUMBERS:
        good = isinstance(value, int | float) and not is_bool and abs(value) < 1e12
        expected = "a number"
    else:
        good, expected = is_bool, "true or false"
    if not good:
        raise ConfigError(f"env_args.{name}={value!r}: expected {expected}")


def _check_values(args: SmacArgs) -> None:
    """Refuse values that have a type but no meaning."""
    if args.difficulty != "7":
        raise ConfigError(
            f"env_args.difficulty={args.difficulty!r}: only '7' exists here; "
            "SMAC's maps start no melee AI, so the other levels have no script to imitate"
        )
    for name in ("move_amount", "reward_scale_rate"):
        if getattr(args, name) <= 0:
            raise ConfigError(f"env_args.{name}={getattr(args, name)!r}: expected a number above 0")
    if args.step_mul is not None and not 1 <= args.step_mul <= 1000:
        raise ConfigError(f"env_args.step_mul={args.step_mul!r}: expected 1..1000 game loops")
    if args.seed is not None and not 0 <= args.seed < 2**63:
        raise ConfigError(f"env_args.seed={args.seed!r}: expected 0..2**63-1")
    if args.heuristic_rest and not args.heuristic_ai:
        raise ConfigError("env_args.heuristic_rest=True has no effect without heuristic_ai=True")
