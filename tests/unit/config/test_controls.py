"""Control policies: what each takes away, on every map, and what it leaves as it is."""

import numpy as np
import pytest
import torch as th

from pymarl.config.build import dump, resolve, validate
from pymarl.errors import ConfigError
from pymarl.modules.agents import REGISTRY as AGENTS
from pymarl.modules.agents.memoryless_agent import MemorylessAgent
from tests.runners.playing import make_player


@pytest.mark.parametrize("map_name", ["3m", "terran_5_vs_5"])
def test_open_loop_agents_see_the_time_and_their_number(map_name):
    overrides = ["control=open_loop", f"env_args.map_name={map_name}"]
    config = resolve("qmix", "sim", overrides)
    assert (config.env_args.obs_starcraft, config.env_args.obs_timestep_number) == (False, True)
    assert validate(dump(config)) == config
    runner, _ = make_player("vector", 2, *overrides)
    try:
        batch = runner.run()
    finally:
        runner.close_env()
    limit, filled = runner.episode_limit, batch["filled"][..., 0]
    steps = th.arange(filled.shape[1]) / limit
    obs = batch["obs"][..., 0]
    assert batch["obs"].shape[-1] == 1
    for b in range(2):
        length = int(filled[b].sum())
        assert th.allclose(obs[b, :length], steps[:length, None].expand(-1, obs.shape[2]))


def test_blind_agents_see_no_enemies_and_the_rest_as_before():
    from pymarl.envs.skirmish.vector_env import VectorSkirmish

    seen, blind = (
        VectorSkirmish(1, map_name="2s3z", seed=1, obs_enemies=shown) for shown in (True, False)
    )
    assert resolve("qmix", "sim", ["control=blind"]).env_args.obs_enemies is False
    enemies = slice(4, 4 + 5 * 8)
    met = False
    for env in (seen, blind):
        env.reset(seeds=[3])
    rng = np.random.default_rng(0)
    for _ in range(40):
        one, other = seen.out.obs[0].copy(), blind.out.obs[0].copy()
        met |= bool(one[:, enemies].any())
        assert not other[:, enemies].any()
        one[:, enemies] = 0
        assert np.array_equal(one, other)
        assert np.array_equal(seen.out.avail, blind.out.avail)
        assert np.array_equal(seen.out.state, blind.out.state)
        actions = np.array([[int(rng.choice(np.flatnonzero(row))) for row in seen.out.avail[0]]])
        if seen.step(actions).terminated[0] | blind.step(actions).terminated[0]:
            break
    assert met


def test_memoryless_agents_have_the_same_parameters_and_no_past():
    config = resolve("qmix", "sim", ["control=memoryless"])
    assert config.agent == "memoryless"
    sizes = {"n_agents": 3, "n_actions": 9, "state_shape": 48, "obs_shape": 30, "episode_limit": 60}
    args = config.with_env_info(sizes | {"observer": None})
    agent = AGENTS["memoryless"](42, args)
    plain = AGENTS["rnn"](42, args)
    assert isinstance(agent, MemorylessAgent)
    assert {k: v.shape for k, v in agent.state_dict().items()} == {
        k: v.shape for k, v in plain.state_dict().items()
    }
    plain.load_state_dict(agent.state_dict())
    inputs, past = th.randn(5, 42), th.randn(5, args.rnn_hidden_dim)
    outputs, hidden = agent(inputs, past)
    fresh = agent.init_hidden().expand(5, -1)
    assert th.equal(outputs, plain(inputs, fresh)[0])
    assert not hidden.any()
    assert not th.equal(plain(inputs, past)[0], outputs)


def test_no_control_changes_nothing_and_unknown_ones_are_helped():
    assert dump(resolve("qmix", "sim", [])) == dump(resolve("qmix", "sim", ["control=none"]))
    with pytest.raises(ConfigError, match=r"control='open_lop': unknown.*did you mean 'open_loop'"):
        resolve("qmix", "sim", ["control=open_lop"])
    with pytest.raises(ConfigError, match=r"env=matrix has no env_args\.obs_starcraft"):
        resolve("qmix", "matrix", ["control=open_loop"])
    assert resolve("qmix", "matrix", ["control=memoryless"]).agent == "memoryless"


def test_the_open_loop_control_of_qmix_is_qmix_but_for_what_it_sees():
    control, plain = (dump(resolve(alg, "sim", [])) for alg in ("qmix_open_loop", "qmix"))
    differ = {key for key in plain if control[key] != plain[key]}
    assert differ == {"name", "control", "env_args"}
    args = {k for k in plain["env_args"] if control["env_args"][k] != plain["env_args"][k]}
    assert args == {"obs_starcraft", "obs_timestep_number"}
