"""Learners by name (``learner`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import LEARNERS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.learners.base import Learner

REGISTRY: "Registry[type[Learner]]" = LEARNERS
