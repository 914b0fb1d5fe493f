"""What rewards are divided by where the enemies change from episode to episode (quirk Q2).

Rewards are divided so that the largest return, all kills, all damage and the win, is
``reward_scale_rate``. SMACv2 counts it once, by the enemies of a process's first episode, and keeps
it: the scale differs between workers and seeds, and published returns exceed 20. Rules:

- ``first_episode``: by the enemies of one episode, that of the first seed of ``reward_scale_seed``
  (the run's seed). It does not depend on which episode an environment plays first: an episode pays
  the same in every batch and after a resume. Upstream's value is this one in distribution.
- ``exact``: by the enemies of the episode itself.
- ``expectation``: by the mean over the scenario's distribution.

Where teams are fixed, all three are SMAC's scale.
"""

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.envs.smac.smacv2.scenario import Scenario


def scaling_points(scenario: Scenario, args: SmacArgs) -> float:
    """Return the enemies' health and shields that the scale of all episodes counts.

    With ``exact`` it is the mean, until an episode puts its own in its place.
    """
    if args.reward_scale_rule == "first_episode":
        seed = args.reward_scale_seed
        stream = SeedStream((args.seed or 0) if seed is None else seed)
        return scenario.enemy_points(stream.next())
    return scenario.mean_enemy_points()
