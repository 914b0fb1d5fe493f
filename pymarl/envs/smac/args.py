"""``env_args`` of the SMAC maps: SMAC's keys with the defaults of PyMARL's ``sc2.yaml``."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from typing_extensions import override

from pymarl.envs.env_args import EnvArgs, MapName
from pymarl.envs.smac.rules.enemy_order import EnemyOrder

Number = Annotated[float, Field(gt=-1e12, lt=1e12)]  # a float32 holds its products
_IGNORED = frozenset({"window_size_x", "window_size_y"})


class SmacKeys(EnvArgs):
    """The keys of SMAC's ``StarCraft2Env``.

    Attributes:
        map_name: built-in map.
        seed: of the environment's own stream; None: the run's seed, and 0 without a run.
        continuing_episode: a time-limit end carries ``episode_limit=True`` in its info.
        difficulty: of the game's own AI.
        game_version: of StarCraft II; the simulator ignores it.
        move_amount: length of a move order.
        step_mul: game loops per step; None: the map's.
        obs_*, state_*: parts of observation and state.
        reward_*: the reward, see ``rules/reward.py``.
        replay_dir, replay_prefix: where ``save_replay`` writes; empty: the current folder, the map.
        heuristic_ai: SMAC's scripted agents act.
        heuristic_rest: they walk by moves when out of range.
        debug: log every step.
    """

    map_name: MapName = "3m"
    continuing_episode: bool = False
    difficulty: str = "7"
    game_version: str | None = None
    move_amount: float = Field(default=2.0, gt=0, lt=1e12)
    step_mul: int | None = Field(default=8, ge=1, le=1000)
    obs_all_health: bool = True
    obs_instead_of_state: bool = False
    obs_last_action: bool = False
    obs_own_health: bool = True
    obs_pathing_grid: bool = False
    obs_terrain_height: bool = False
    obs_timestep_number: bool = False
    state_last_action: bool = True
    state_timestep_number: bool = False
    reward_death_value: Number = 10.0
    reward_defeat: Number = 0.0
    reward_negative_scale: Number = 0.5
    reward_only_positive: bool = True
    reward_scale: bool = True
    reward_scale_rate: float = Field(default=20.0, gt=0, lt=1e12)
    reward_sparse: bool = False
    reward_win: Number = 200.0
    replay_dir: str | None = ""
    replay_prefix: str | None = ""
    heuristic_ai: bool = False
    heuristic_rest: bool = False
    debug: bool = False

    @model_validator(mode="before")
    @classmethod
    def _drop_window_size(cls, values: Any) -> Any:
        """Accept SMAC's two keys of a window that nobody opens."""
        if not isinstance(values, dict):
            return values
        return {key: value for key, value in values.items() if key not in _IGNORED}

    @model_validator(mode="after")
    def _check_heuristic(self) -> Self:
        """``heuristic_rest`` only says how the heuristic agents rest."""
        if self.heuristic_rest and not self.heuristic_ai:
            raise ValueError("heuristic_rest=True has no effect without heuristic_ai=True")
        return self


class SmacArgs(SmacKeys):
    """Arguments of this project's environments of the SMAC maps; ``env=sim`` has exactly these.

    Attributes:
        map_file: a map file of your own, instead of ``map_name``.
        enemy_order: of the enemies' rows, see ``rules/enemy_order.py``: as the game lists them, or
            shuffled within each unit type in every episode.
    """

    map_file: str | None = ""
    enemy_order: EnemyOrder = "created"

    @field_validator("difficulty")
    @classmethod
    def _check_difficulty(cls, difficulty: str) -> str:
        if difficulty != "7":
            raise ValueError(
                "only '7' exists here; SMAC's maps start no melee AI, so the other levels have no "
                "script to imitate"
            )
        return difficulty

    @override
    def check_available(self) -> None:
        # Maps are read with NumPy and YAML: nothing that a configuration alone needs.
        from pymarl.envs.smac.maps.map_spec import load_map

        load_map(self.map_name, self.map_file or None)
