"""The centralised critic of COMA."""

import torch as th
from torch import nn

from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.schema import Config

WIDTH = 128


class COMACritic(nn.Module):
    """Values of all actions of each agent, given what the others do: I -> 128 -> 128 -> A, ReLU.

    An agent's input: state, its observation, the other agents' actions (its own as zeros), all
    agents' last actions, its number; actions one-hot.
    Source: Foerster et al. 2018 (arXiv 1705.08926), sec. 4.1; PyMARL ``modules/critics/coma.py``.
    Deviation: inputs are built once per batch and handed to :meth:`forward`.
    """

    def __init__(self, scheme: Scheme, args: Config) -> None:
        """Make the layers."""
        super().__init__()
        self.n_agents, self.n_actions = args.n_agents, args.n_actions
        width = scheme["state"].vshape[0] + scheme["obs"].vshape[0]
        width += 2 * args.n_agents * args.n_actions + args.n_agents
        self.fc1 = nn.Linear(width, WIDTH)
        self.fc2 = nn.Linear(WIDTH, WIDTH)
        self.fc3 = nn.Linear(WIDTH, args.n_actions)

    def forward(self, inputs: th.Tensor) -> th.Tensor:
        """Return values (..., N, A) of inputs (..., N, I) from :meth:`build_inputs`."""
        hidden = th.relu(self.fc2(th.relu(self.fc1(inputs))))
        values: th.Tensor = self.fc3(hidden)
        return values

    def build_inputs(self, batch: EpisodeBatch) -> th.Tensor:
        """Return the inputs (B, T, N, I) of all steps of a batch."""
        B, T, N, A = batch["actions_onehot"].shape
        actions = batch["actions_onehot"].reshape(B, T, 1, N * A)
        last = th.cat([th.zeros_like(actions[:, :1]), actions[:, :-1]], dim=1)
        others = 1 - th.eye(N, device=batch.device).repeat_interleave(A, dim=1)  # (N, N A)
        return th.cat(
            [
                batch["state"].unsqueeze(2).expand(-1, -1, N, -1),
                batch["obs"],
                actions * others,
                last.expand(-1, -1, N, -1),
                th.eye(N, device=batch.device).expand(B, T, -1, -1),
            ],
            dim=3,
        )
