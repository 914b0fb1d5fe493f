"""Mixing networks by name (``mixer`` in the configuration)."""

from pymarl.modules.mixers.base import Mixer
from pymarl.modules.mixers.qmix import QMixer
from pymarl.modules.mixers.vdn import VDNMixer

REGISTRY: dict[str, type[Mixer]] = {"vdn": VDNMixer, "qmix": QMixer}
