"""Mixing networks by name (``mixer`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import MIXERS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.modules.mixers.base import Mixer

REGISTRY: "Registry[type[Mixer]]" = MIXERS
