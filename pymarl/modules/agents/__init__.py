"""Agent networks by name (``agent`` in the configuration)."""

from pymarl.modules.agents.base import Agent
from pymarl.modules.agents.rnn_agent import RNNAgent

REGISTRY: dict[str, type[Agent]] = {"rnn": RNNAgent}
