"""Multi-agent controllers by name (``mac`` in the configuration)."""

from typing import TYPE_CHECKING

from pymarl.registries import CONTROLLERS
from pymarl.utils.registry import Registry

if TYPE_CHECKING:
    from pymarl.controllers.basic_controller import BasicMAC

REGISTRY: "Registry[type[BasicMAC]]" = CONTROLLERS
