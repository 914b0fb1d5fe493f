"""Runners by name (``runner`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import RUNNERS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.runners.base import Runner

REGISTRY: "Registry[type[Runner]]" = RUNNERS
