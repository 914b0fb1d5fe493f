"""``env_args`` of each environment.

The SMAC maps have the keys of SMAC's ``StarCraft2Env``, the matrix games their own.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class EnvArgs(BaseModel):
    """What every environment takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    map_name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.+-]+$")
    seed: int | None = Field(ge=0, lt=2**32)


class UpstreamSmacArgs(EnvArgs):
    """Arguments of ``smac``: those of upstream's StarCraft2Env."""

    continuing_episode: bool
    difficulty: str
    game_version: str | None
    move_amount: float = Field(gt=0)
    step_mul: int | None = Field(ge=1, le=64)
    obs_all_health: bool
    obs_instead_of_state: bool
    obs_last_action: bool
    obs_own_health: bool
    obs_pathing_grid: bool
    obs_terrain_height: bool
    obs_timestep_number: bool
    state_last_action: bool
    state_timestep_number: bool
    reward_death_value: float
    reward_defeat: float
    reward_negative_scale: float
    reward_only_positive: bool
    reward_scale: bool
    reward_scale_rate: float = Field(gt=0)
    reward_sparse: bool
    reward_win: float
    replay_dir: str
    replay_prefix: str
    heuristic_ai: bool
    heuristic_rest: bool
    debug: bool

    @model_validator(mode="after")
    def _check_heuristic(self) -> Self:
        """``heuristic_rest`` only says how the heuristic agents rest."""
        if self.heuristic_rest and not self.heuristic_ai:
            raise ValueError("heuristic_rest=True has no effect without heuristic_ai=True")
        return self


class SmacArgs(UpstreamSmacArgs):
    """Arguments of ``sim``: upstream's, plus ``map_file``."""

    map_file: str


class Sc2Args(SmacArgs):
    """Arguments of ``sc2``: those of ``sim``, and how the game's process is treated."""

    game_timeout_s: float = Field(gt=0)
    max_restarts: int = Field(ge=0)
    restart_backoff_s: float = Field(ge=0)
    restart_every: int = Field(ge=0)
    pipeline: bool


class MatrixArgs(EnvArgs):
    """Arguments of the matrix games."""

    map_name: Literal["two_step", "non_monotonic", "penalty"]


ENV_ARGS: dict[str, type[EnvArgs]] = {
    "sim": SmacArgs,
    "sc2": Sc2Args,
    "smac": UpstreamSmacArgs,
    "matrix": MatrixArgs,
}
