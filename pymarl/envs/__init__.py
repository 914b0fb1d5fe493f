"""The environments by name (``env`` in the configuration)."""

from pymarl.envs.matrix import MatrixGame
from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.skirmish.env import SkirmishEnv

REGISTRY: dict[str, type[MultiAgentEnv]] = {"sim": SkirmishEnv, "matrix": MatrixGame}
