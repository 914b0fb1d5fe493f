"""SMACv2's rewards, their scale, and who has won."""

import numpy as np
import pytest
import yaml

from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules.seeds import SeedStream


def test_a_step_of_growing_shields_pays_nothing():
    env = VectorSkirmish(1, map_name="protoss_5_vs_5")
    env.reset(seeds=[1])
    for e in range(5, 10):
        env.state.units[0][e].shield -= 10
        env.episode_state.health_before[0, e] -= 10
        env.state.units[0][e].shield_timer = 0
        env.state.units[0][e].order = 0
    out = env.step(np.ones((1, 5), np.int64))
    assert out.reward[0] == 0.0


def enemy_points(env, e=0):
    half = env.episode_state.unit_constants[e][env.n_agents :]
    return float(half["health_max"].sum() + half["shield_max"].sum())


def test_the_three_rules_of_the_reward_scale():
    def divisors(rule, seeds, **more):
        env = VectorSkirmish(4, map_name="protoss_5_vs_5", reward_scale_rule=rule, **more)
        env.reset(seeds=seeds)
        own = [(5 * 10 + 200 + enemy_points(env, e)) / 20 for e in range(4)]
        rows = env.episode_state.reward_divisor
        return [float(rows[e % len(rows)]) for e in range(4)], own

    found, own = divisors("exact", [1, 2, 3, 4])
    assert found == pytest.approx(own)
    assert len(set(found)) > 1
    found, _ = divisors("expectation", [1, 2, 3, 4])
    mean = 5 * (0.45 * 160 + 0.45 * 150 + 0.1 * 350)
    assert found == pytest.approx([(250 + mean) / 20] * 4)
    found, _ = divisors("first_episode", [1, 2, 3, 4], reward_scale_seed=7)
    first, _ = divisors("exact", [SeedStream(7).next()] * 4)
    assert found == pytest.approx(first)
    # It is the run's seed when nothing else is said, whatever episodes are played.
    other, _ = divisors("first_episode", [9, 9, 9, 9], seed=7)
    assert other == found


def test_every_environment_of_a_run_has_one_scale():
    args = SmacArgs.parse({"map_name": "terran_5_vs_5"}).for_run(3)
    assert (args["seed"], args["reward_scale_seed"]) == (3, 3)
    assert SmacArgs.parse({"reward_scale_seed": 8}).for_run(3)["reward_scale_seed"] == 8


# --- who has won
@pytest.mark.parametrize(
    ("agents", "enemies", "ended", "won"),
    [
        ("amm", "amm", False, False),
        ("mm", "amm", True, False),
        ("amm", "mm", True, True),
        ("mm", "mm", True, False),
        ("", "amm", True, False),
        ("", "", True, False),
    ],
)
def test_a_side_with_nothing_but_medivacs_has_lost(tmp_path, agents, enemies, ended, won):
    team = ["marine", "medivac", "medivac"]
    file = tmp_path / "mine.yaml"
    tree = {
        "terrain": "smac_flat", "limit": 50, "race": "T", "n_units": 3, "n_enemies": 3,
        "teams": {"kind": "fixed", "units": ["marine", "medivac"],
                  "items": [{"ally": team, "enemy": team}]},
        "starts": {"kind": "fixed", "ally": [4, 16], "enemy": [28, 16]},
        "order": {"kind": "none"},
    }  # fmt: skip  # a map file
    file.write_text(yaml.safe_dump(tree))
    env = VectorSkirmish(1, map_file=str(file))
    env.reset(seeds=[0])
    letters = {"marine": "a", "medivac": "m"}
    for low, alive in ((0, agents), (3, enemies)):
        left = list(alive)
        for i in range(low, low + 3):
            letter = letters[env.unit_names[i]]
            if letter in left:
                left.remove(letter)
            else:
                env.state.units[0][i].health = 0.0
    actions = np.ones((1, 3), np.int64)
    out = env.step(actions)
    assert (bool(out.terminated[0]), bool(out.info[0].battle_won)) == (ended, won)
