"""Multi-agent controllers by name (``mac`` in the configuration)."""

from pymarl.controllers.basic_controller import BasicMAC

REGISTRY: dict[str, type[BasicMAC]] = {"basic_mac": BasicMAC}
