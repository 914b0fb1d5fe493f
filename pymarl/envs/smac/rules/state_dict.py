"""The state in SMAC's dictionary form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules import features as D


def state_dict(d: D.Features, state: NDArray[np.float32], args: SmacArgs) -> dict[str, Any]:
    """Return allies (N, .), enemies (E, .), [last_action (N, A)] and [timestep] of a state vector.

    Raises:
        ValueError: with ``obs_instead_of_state`` the vector holds observations, which have no such
            form.
    """
    if args.obs_instead_of_state:
        raise ValueError("obs_instead_of_state=True: the state is made of observations")
    n, e, bits = int(d.c[D.N]), int(d.c[D.E]), int(d.c[D.BITS])
    ally, enemy = 4 + int(d.c[D.SHIELD_ALLY]) + bits, 3 + int(d.c[D.SHIELD_ENEMY]) + bits
    at = n * ally
    out: dict[str, Any] = {
        "allies": state[:at].reshape(n, ally).copy(),
        "enemies": state[at : at + e * enemy].reshape(e, enemy).copy(),
    }
    at += e * enemy
    if args.state_last_action:
        actions = int(d.c[D.A])
        out["last_action"] = state[at : at + n * actions].reshape(n, actions).copy()
    if args.state_timestep_number:
        out["timestep"] = float(state[-1])
    return out
