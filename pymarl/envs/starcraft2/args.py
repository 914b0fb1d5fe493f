"""``env_args`` of the two environments of StarCraft II: this project's and upstream's."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator
from typing_extensions import override

from pymarl.envs.smac.args import SmacArgs, SmacKeys
from pymarl.errors import MapError

if TYPE_CHECKING:
    from pymarl.envs.smac.maps.map_spec import MapSpec

MAX_PAUSE_S = 60.0


class StarCraft2Args(SmacArgs):
    """Arguments of ``env=sc2``: the simulator's, and how the game's process is treated.

    None of the latter changes what an episode is.

    Attributes:
        game_timeout_s: longest wait for any answer of the game, and for its start; then it counts
            as hung.
        max_restarts: crashes in a row, without a finished episode between them, after which the
            game is started again; one more ends the run.
        restart_backoff_s: pause before the first new start; doubled for each further one, at most
            ``MAX_PAUSE_S``.
        restart_every: episodes after which the game is started anew, because its memory grows;
            0: never.
        pipeline: send the requests of a step together and then read the answers. False: one by
            one, as upstream does.
    """

    game_timeout_s: float = Field(default=120.0, gt=0, lt=1e6)
    max_restarts: int = Field(default=5, ge=0)
    restart_backoff_s: float = Field(default=1.0, ge=0, lt=1e6)
    restart_every: int = Field(default=1000, ge=0)
    pipeline: bool = True

    @model_validator(mode="after")
    def _check_smacv2(self) -> Self:
        """Refuse what this environment does not carry out."""
        if self.prob_obs_enemy < 1 or not self.action_mask or self.smacv2_head_obs:
            raise ValueError(
                "prob_obs_enemy, action_mask and smacv2_head_obs have SMAC's values only with "
                "env=sc2; use env=sim"
            )
        return self

    def pause_s(self, crashes: int) -> float:
        """Return the pause in seconds before the start that follows the ``crashes``-th crash."""
        return min(self.restart_backoff_s * 2.0 ** (crashes - 1), MAX_PAUSE_S) if crashes else 0.0

    @override
    def load_map(self) -> "MapSpec":
        spec = super().load_map()
        if spec.scenario:
            raise MapError(
                f"env=sc2 does not play maps whose teams are drawn ({spec.name}): they need debug "
                "commands of the game; use env=sim"
            )
        return spec

    @override
    def check_available(self) -> None:
        from pymarl.envs.starcraft2 import requirements
        from pymarl.envs.starcraft2.process.installation import find_game, find_map

        spec = self.load_map()
        requirements.check_packages()
        find_map(find_game(self.game_version).root, spec)


class UpstreamSmacArgs(SmacKeys):
    """Arguments of ``env=smac``, upstream's own environment."""

    @override
    def check_available(self) -> None:
        from pymarl.envs.starcraft2 import requirements
        from pymarl.envs.starcraft2.process.installation import find_game

        requirements.check_packages()
        requirements.check_upstream_package()
        find_game(self.game_version)
