"""Who sees which enemy: EPO's tags and draws, masks, and upstream's quirk Q1."""

import numpy as np
import pytest

from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.smacv2 import sightings
from pymarl.envs.smac.smacv2.draws import SIGHTINGS, stream_word
from tests.envs.rules.scene import look, scene

FAR = 31.0
MASK = 0xFFFFFFFFFFFFFFFF


class Upstream:
    """SMACv2's bookkeeping in plain Python, with a scripted stream of random numbers.

    Facts of StarCraft2Env: ``obs_enemies`` and ``enemy_tags``, looked at in every ``get_obs``.
    """

    def __init__(self, word, n, e, chance, sight, head):
        self.word, self.n, self.e, self.chance = word, n, e, chance
        self.sight, self.head = sight, head
        self.flags = np.zeros((e, n), int)
        self.tags = [None] * e

    def uniform(self):
        self.word = (self.word + 0x9E3779B97F4A7C15) & MASK
        z = self.word
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def after_step(self, alive):
        for agent in range(self.n):
            if not alive[agent]:
                for enemy in range(self.e):
                    if self.tags[enemy] == agent:
                        self.tags[enemy] = None
                        self.flags[enemy, :] = 0
                        self.flags[:, agent] = 0
        for enemy in range(self.e):
            if not alive[self.n + enemy]:
                self.tags[enemy] = None
                self.flags[enemy, :] = 0

    def shown(self, places, alive):
        """Return bool (N, E): which living enemies are in each agent's observation."""
        order = list(range(self.n))
        for last in range(self.n - 1, 0, -1):
            other = int(self.uniform() * (last + 1))
            order[last], order[other] = order[other], order[last]
        seen = np.zeros((self.n, self.e), bool)
        for agent in order:
            if not alive[agent]:
                continue
            for enemy in range(self.e):
                away = np.hypot(*(places[self.n + enemy] - places[agent]))
                visible = away < self.sight[agent]
                if visible and self.tags[enemy] is None:
                    self.flags[enemy, agent] = 1
                    self.tags[enemy] = agent
                    for other in range(self.n):
                        if other != agent and self.uniform() < self.chance:
                            self.flags[enemy, other] = 1
                if self.flags[enemy, agent] == 0:
                    visible = False
                seen[agent, enemy] = visible and alive[self.n + enemy]
                if self.head and self.flags[enemy, agent] == 0:
                    seen[agent, :] = False
        return seen


def enemies_in(env, e=0):
    """Return bool (N, E): whose part of the observation holds anything."""
    sizes = env.features.sizes[0]
    end = 4 + env.n_enemies * sizes.enemy_features
    parts = env.out.obs[e, :, 4:end].reshape(env.n_agents, env.n_enemies, -1)
    return (parts != 0).any(2)


def play_beside_upstream(name, seed, head, chance, steps=60):
    env = VectorSkirmish(1, map_name=name, prob_obs_enemy=chance, smacv2_head_obs=head)
    env.reset(seeds=[seed])
    n, e = env.n_agents, env.n_enemies
    sight = env.episode_state.unit_constants[0]["sight_range"][:n].tolist()
    twin = Upstream(stream_word(seed, SIGHTINGS), n, e, chance, sight, head)
    rng = np.random.default_rng(seed)
    hidden = 0
    for step in range(steps):
        table = env.episode_state.table[0]
        places = np.stack([table["x"], table["y"]], 1).astype(float)
        alive = table["health"] > 0
        if step:
            twin.after_step(alive)
        expected = twin.shown(places, alive)
        assert np.array_equal(enemies_in(env), expected), f"step {step}"
        away = np.hypot(*(places[:n, None] - places[None, n:]).transpose(2, 0, 1))
        within = (away < np.array(sight)[:, None]) & alive[:n, None] & alive[None, n:]
        hidden += int((within & ~expected).sum())
        actions = [int(rng.choice(np.flatnonzero(row))) for row in env.out.avail[0]]
        if env.step(np.array([actions])).terminated[0]:
            break
    return hidden


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("head", [False, True])
def test_the_life_cycle_is_upstreams(chance, head):
    hidden = sum(
        play_beside_upstream(name, seed, head, chance)
        for name in ("terran_5_vs_5", "zerg_10_vs_11")
        for seed in range(6)
    )
    # Where nothing can be hidden nothing is; in the other cases the test has seen it.
    assert (hidden > 0) == (chance < 1 or head)


def play_six(name, chance):
    for seed in range(6):
        play_beside_upstream(name, seed, False, chance)


def test_another_chance_is_noticed(monkeypatch):
    real = Upstream.__init__
    monkeypatch.setattr(
        Upstream, "__init__", lambda self, w, n, e, c, s, h: real(self, w, n, e, c + 0.2, s, h)
    )
    with pytest.raises(AssertionError, match="step"):
        play_six("terran_5_vs_5", 0.5)


def test_forgetting_to_clear_tags_is_noticed(monkeypatch):
    monkeypatch.setattr(Upstream, "after_step", lambda *_: None)
    with pytest.raises(AssertionError, match="step"):
        play_six("zerg_10_vs_11", 0.0)


def epo(allies, enemies, chance=0.0, **more):
    v = scene(allies, enemies, prob_obs_enemy=chance, **more)
    look(v)
    return v


def again(v):
    """Look once more, as after a step."""
    return enemies_in_after(v, look(v))


def enemies_in_after(v, _):
    return enemies_in(v).tolist()


def test_by_hand_with_chance_zero_only_the_first_to_see_an_enemy_sees_it():
    v = epo([("marine", 10, 10), ("marine", 10, 12)], [("marine", 14, 11)])
    seen = enemies_in(v)
    assert seen.sum() == 1
    tagger = int(seen[:, 0].argmax())
    assert again(v) == seen.tolist()
    # The tag goes with the agent that set it; the other one sees the enemy then.
    v.state.units[0][tagger].alive = 0
    v.state.units[0][tagger].health = 0
    assert again(v) == [[agent != tagger] for agent in range(2)]


def test_who_tagged_an_enemy_keeps_it_when_it_comes_back():
    v = epo([("marine", 5, 10), ("marine", 25, 10)], [("marine", 10, 10)])
    assert enemies_in(v).tolist() == [[True], [False]]
    unit = v.state.units[0][2]
    unit.x = 22.0
    # The second agent is near now, but the first one has the tag: nobody sees it.
    assert again(v) == [[False], [False]]
    unit.x = 10.0
    assert again(v) == [[True], [False]]


def test_with_chance_one_and_no_quirk_nothing_is_worked_out():
    v = scene([("marine", 10, 10)], [("marine", 14, 11)])
    assert not v.features.options[0].hides_enemies
    assert v.episode_state.tagged_by.shape[0] == 0
    assert set(v.episode_state.shown.ravel()) == {sightings.SEEN}


def test_quirk_q1_an_unseen_enemy_deletes_those_before_it():
    # Enemy 0 is near, enemy 1 is far away, enemy 2 is near again.
    places = [("marine", 14, 10), ("marine", FAR, 31), ("marine", 10, 14)]
    published = scene([("marine", 10, 10)], places)
    look(published)
    assert enemies_in(published).tolist() == [[True, False, True]]
    head = scene([("marine", 10, 10)], places, smacv2_head_obs=True)
    look(head)
    assert enemies_in(head).tolist() == [[False, False, True]]


def test_quirk_q1_a_kill_far_away_blinds_to_those_before_it():
    v = scene([("marine", 10, 10)], [("marine", 14, 10), ("marine", 13, 13)], smacv2_head_obs=True)
    look(v)
    assert enemies_in(v).tolist() == [[True, True]]
    dead = v.state.units[0][2]
    dead.alive, dead.health = 0, 0
    # Its last place is within sight: it is tagged again, and nothing is deleted.
    assert again(v) == [[True, False]]
    v.episode_state.table[0][2].x = FAR
    from pymarl.envs.skirmish.engine.batch_step import observe
    from tests.envs.rules.scene import batch_of

    observe(batch_of(v), 0)
    assert enemies_in(v).tolist() == [[False, False]]


def test_masks_hide_health_and_type_but_not_the_place(tmp_path):
    import yaml

    team = ["stalker", "zealot"]
    tree = {
        "terrain": "smac_flat", "limit": 50, "race": "P", "n_units": 2, "n_enemies": 2,
        "teams": {"kind": "fixed", "units": team, "items": [{"ally": team, "enemy": team}]},
        "starts": {"kind": "fixed", "ally": [14, 16], "enemy": [18, 16]},
        "enemy_mask": {"probability": 0.5}, "order": {"kind": "none"},
    }  # fmt: skip  # a map file
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(tree))
    env = VectorSkirmish(1, map_file=str(file))
    masked = []
    for seed in range(400):
        env.reset(seeds=[seed])
        parts = env.out.obs[0, :, 4 : 4 + 2 * 8].reshape(2, 2, 8)
        assert (parts[..., 1] > 0).all()
        shown = (parts[..., 4:] != 0).any(2)
        assert np.array_equal(shown, parts[..., 4] == 1)
        assert (parts[..., 6:].sum(2) == shown).all()
        masked += (~shown).ravel().tolist()
        before = (~shown).copy()
        actions = np.array([[1, 1]])
        env.step(actions)
        parts = env.out.obs[0, :, 4 : 4 + 2 * 8].reshape(2, 2, 8)
        assert np.array_equal(parts[..., 4] == 0, before)
    assert np.mean(masked) == pytest.approx(0.5, abs=0.05)
