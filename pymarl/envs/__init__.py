"""The environments by name (``env`` in the configuration)."""

from pymarl.envs.matrix import MatrixGame
from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.starcraft2.env import StarCraft2Env
from pymarl.envs.starcraft2.upstream import UpstreamSmacEnv

REGISTRY: dict[str, type[MultiAgentEnv]] = {
    "sim": SkirmishEnv,
    "sc2": StarCraft2Env,
    "smac": UpstreamSmacEnv,
    "matrix": MatrixGame,
}
