"""The environments by name (``env`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import ENVS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.envs.multiagentenv import MultiAgentEnv

REGISTRY: "Registry[type[MultiAgentEnv]]" = ENVS
