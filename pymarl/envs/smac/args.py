"""``env_args`` of the SMAC maps: SMAC's keys with the defaults of PyMARL's ``sc2.yaml``."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from typing_extensions import override

from pymarl.envs.env_args import EnvArgs, MapName
from pymarl.envs.smac.rules.enemy_order import EnemyOrder
from pymarl.envs.smac.smacv2.names import canonical_name

if TYPE_CHECKING:
    from pymarl.envs.smac.maps.map_spec import MapSpec

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


RewardScaleRule = Literal["first_episode", "exact", "expectation"]
"""By which enemies the largest return is counted where they change: ``smacv2/reward_scale.py``."""
_UPSTREAM_DEFAULTS = {
    "num_fov_actions": None,
    "kill_unit_step_mul": None,
    "fully_observable": False,
}
"""SMACv2's keys that change nothing here, and the only value that they may have (None: any)."""
_CAPABILITIES = (
    "upstream's description of teams and start points; write a map file with teams: and starts: "
    "instead (docs/environments/smacv2.md), or use n_units and n_enemies"
)


class SmacArgs(SmacKeys):
    """Arguments of this project's environments of the SMAC maps; ``env=sim`` has exactly these.

    Attributes:
        map_file: a map file of your own, instead of ``map_name``.
        enemy_order: of the enemies' rows, see ``rules/enemy_order.py``: as the game lists them, or
            shuffled within each unit type in every episode.
        n_units, n_enemies: sizes of a procedural map; None: the map's.
        obs_own_pos: agents see their own x / map width, y / map height; None: where teams change,
            as in SMACv2.
        obs_starcraft: False: observations hold nothing but the timestep (open loop).
        obs_enemies: False: agents see no enemies (``control=blind``).
        use_unit_ranges: sight and shooting ranges are those of the unit type; None: where teams
            change. False: 9 and 6 for all.
        min_attack_range: least shooting range with ``use_unit_ranges``.
        conic_fov: refused; see docs/environments/smacv2.md.
        prob_obs_enemy: SMACv2's extended partial observability, see ``smacv2/sightings.py``.
        action_mask: False: every living target counts as available; a command beyond the range is
            not given.
        smacv2_head_obs: the observations of upstream's present code (quirk Q1).
        reward_scale_rule, reward_scale_seed: see ``smacv2/reward_scale.py``.
    """

    map_file: str | None = ""
    enemy_order: EnemyOrder = "created"
    n_units: int | None = Field(default=None, ge=1, le=256)
    n_enemies: int | None = Field(default=None, ge=1, le=256)
    obs_own_pos: bool | None = None
    obs_starcraft: bool = True
    obs_enemies: bool = True
    use_unit_ranges: bool | None = None
    min_attack_range: float = Field(default=2.0, ge=0, lt=1e6)
    conic_fov: bool = False
    prob_obs_enemy: float = Field(default=1.0, ge=0, le=1)
    action_mask: bool = True
    smacv2_head_obs: bool = False
    reward_scale_rule: RewardScaleRule = "first_episode"
    reward_scale_seed: int | None = Field(default=None, ge=0, lt=2**32)

    @model_validator(mode="before")
    @classmethod
    def _take_upstream_keys(cls, values: Any) -> Any:
        """Take SMACv2's names of maps, and its keys that change nothing."""
        if not isinstance(values, dict):
            return values
        if "capability_config" in values:
            raise ValueError(f"capability_config: {_CAPABILITIES}")
        for key, only in _UPSTREAM_DEFAULTS.items():
            if key in values and only is not None and values[key] != only:
                raise ValueError(f"{key}={values[key]}: only {only} exists here")
        values = {key: value for key, value in values.items() if key not in _UPSTREAM_DEFAULTS}
        sizes = values.get("n_units"), values.get("n_enemies")
        if isinstance(values.get("map_name"), str) and not values.get("map_file"):
            values["map_name"] = canonical_name(values["map_name"], sizes)
        return values

    @field_validator("difficulty")
    @classmethod
    def _check_difficulty(cls, difficulty: str) -> str:
        if difficulty != "7":
            raise ValueError(
                "only '7' exists here; SMAC's maps start no melee AI, so the other levels have no "
                "script to imitate"
            )
        return difficulty

    @field_validator("conic_fov")
    @classmethod
    def _check_conic_fov(cls, conic_fov: bool) -> bool:
        if conic_fov:
            raise ValueError(
                "not offered: upstream's test of the cone takes arctan of slopes and misjudges "
                "across the vertical axis, and no published result uses it"
            )
        return conic_fov

    @model_validator(mode="after")
    def _check_observations(self) -> Self:
        """Refuse observations of no numbers."""
        if not self.obs_starcraft and not self.obs_timestep_number:
            raise ValueError(
                "obs_starcraft=False leaves the observation empty; set obs_timestep_number=True "
                "for open-loop observations"
            )
        return self

    @override
    def for_run(self, seed: int) -> dict[str, Any]:
        scale = seed if self.reward_scale_seed is None else self.reward_scale_seed
        return {**super().for_run(seed), "reward_scale_seed": scale}

    def load_map(self) -> "MapSpec":
        """Return the map.

        Raises:
            MapError: it is unknown, or its file is wrong.
        """
        # Maps are read with NumPy and YAML: nothing that a configuration alone needs.
        from pymarl.envs.smac.maps.map_spec import load_map

        return load_map(self.map_name, self.map_file or None, (self.n_units, self.n_enemies))

    @override
    def check_available(self) -> None:
        self.load_map()
