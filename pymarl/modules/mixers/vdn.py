"""Value decomposition networks."""

import torch as th

from pymarl.modules.mixers.base import Mixer


class VDNMixer(Mixer):
    """``Q_tot = sum_i Q_i``.

    Source: Sunehag et al. 2018 (arXiv 1706.05296), eq. 2. Deviation: none.
    """

    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return the sum over agents (..., 1); ``states`` is not used."""
        return agent_qs.sum(-1, keepdim=True)
