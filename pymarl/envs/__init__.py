"""The environments by name (``env`` in the configuration)."""

from pymarl.envs.matrix import TwoStepGame
from pymarl.envs.multiagentenv import MultiAgentEnv

REGISTRY: dict[str, type[MultiAgentEnv]] = {"matrix": TwoStepGame}
