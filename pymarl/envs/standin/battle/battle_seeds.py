"""Which seed a battle of the stand-in has.

One game of the protocol holds many battles: the map's trigger begins a new one when both sides are
gone. The battles' seeds are those of the simulator: **the k-th battle of a game that was created
with ``random_seed`` s has the seed of the k-th ``reset()`` of ``SkirmishEnv(seed=s)``.** A client
may name the seed of the next battle itself (``starcraft2/client/seed_request.py``): that battle is
then the one of ``reset(seed=n)``, and uses up no number of the game's own stream.
"""

from pymarl.envs.smac.rules.seeds import SeedStream


def episode_seed(random_seed: int, k: int) -> int:
    """Return the seed of battle ``k`` (0, 1, ...) of a game created with ``random_seed``.

    The same number as ``episode_seed`` of ``SkirmishEnv(seed=random_seed)`` after ``k + 1`` resets.
    """
    stream = SeedStream(random_seed)
    for _ in range(k):
        stream.next()
    return stream.next()
