"""Agent networks by name (``agent`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import AGENTS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.modules.agents.base import Agent

REGISTRY: "Registry[type[Agent]]" = AGENTS
