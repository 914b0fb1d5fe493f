"""Scenario files and names: the fifteen, other sizes, other libraries' names, and one's own."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import yaml

from pymarl.config.build import resolve
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import load_map, map_names, maps_dir
from pymarl.envs.smac.smacv2.names import SCENARIOS
from pymarl.envs.smac.smacv2.starts import SurroundedAndReflect
from pymarl.errors import ConfigError, MapError

GOOD = {
    "name": "mine", "terrain": "smac_flat", "limit": 100, "race": "Z",
    "n_units": 3, "n_enemies": 4,
    "teams": {"kind": "weighted", "units": {"zergling": 0.75, "baneling": 0.25},
              "not_alone": ["baneling"]},
    "starts": {"kind": "surrounded_and_reflect", "p": 0.5},
}  # fmt: skip  # a map file


def write(tmp_path, changes):
    tree = copy.deepcopy(GOOD)
    for path, value in changes.items():
        node = tree
        *parents, last = path.split("/")
        for key in parents:
            node = node[key]
        if value is None:
            del node[last]
        else:
            node[last] = value
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(tree))
    return file


def test_the_fifteen_files_are_there_and_differ_in_race_and_size_only():
    files = sorted(path.stem for path in (maps_dir() / "smacv2").glob("*.yaml"))
    assert files == sorted(SCENARIOS)
    assert not set(SCENARIOS) & set(map_names())
    for name in SCENARIOS:
        spec = load_map(name)
        race, n, e = name.split("_")[0], *map(int, name.split("_")[1::2])
        assert (spec.name, spec.n_agents, spec.n_enemies) == (name, n, e)
        assert (spec.limit, spec.step_mul, spec.unit_type_bits) == (200, 8, 3)
        assert (spec.order, spec.scenario.order_every) == ("attack_nearest", 8)
        assert spec.scenario.starts == SurroundedAndReflect(0.5)
        teams, first = spec.scenario.teams, load_map(f"{race}_5_vs_5").scenario.teams
        assert teams == replace(first, n_units=n, n_enemies=e)
        assert teams.weights == (0.45, 0.45, 0.1)
        assert len(spec.scenario.teams.not_alone) == (race != "protoss")


@pytest.mark.parametrize(
    ("args", "name"),
    [
        ({"map_name": "terran_5_vs_5"}, "terran_5_vs_5"),
        ({"map_name": "TERRAN_5_VS_5"}, "terran_5_vs_5"),
        ({"map_name": "smacv2/zerg_10_vs_11"}, "zerg_10_vs_11"),
        ({"map_name": "sc2_gen_terran"}, "terran_5_vs_5"),
        ({"map_name": "sc2_gen_terran", "n_units": 10, "n_enemies": 11}, "terran_10_vs_11"),
        ({"map_name": "10gen_protoss", "n_units": 20}, "protoss_20_vs_20"),
        ({"map_name": "sc2_gen_zerg_epo", "n_enemies": 6}, "zerg_5_vs_6"),
    ],
)
def test_other_names_mean_the_same(args, name):
    parsed = SmacArgs.parse(args)
    assert parsed.map_name == name
    assert parsed.load_map().name == name
    # What was parsed once can be parsed again: environments are made from it.
    assert SmacArgs.parse(parsed.model_dump()) == parsed


@pytest.mark.parametrize("race", ["protoss", "terran", "zerg"])
def test_upstreams_configurations_are_known_by_name(race):
    sizes = ["env_args.n_units=10", "env_args.n_enemies=11"]
    for name, hidden in ((f"sc2_gen_{race}", False), (f"sc2_gen_{race}_epo", True)):
        config = resolve("qmix", name, sizes)
        assert (config.env, config.map_name) == ("sim", f"{race}_10_vs_11")
        args = config.env_args
        assert (args.prob_obs_enemy, args.action_mask) == ((0.0, False) if hidden else (1.0, True))
    assert resolve("qmix", f"sc2_gen_{race}", []).map_name == f"{race}_5_vs_5"
    with pytest.raises(ConfigError, match="--env-config=sc2_gen_human: unknown"):
        resolve("qmix", "sc2_gen_human", [])


def test_sizes_that_contradict_the_name_are_refused():
    with pytest.raises(ConfigError, match="n_units=5, but n_units=10 is given, too"):
        SmacArgs.parse({"map_name": "terran_5_vs_5", "n_units": 10})
    with pytest.raises(MapError, match="the teams of this map are fixed"):
        SmacArgs.parse({"map_name": "3m", "n_units": 10}).load_map()


def test_unknown_names_are_helped():
    with pytest.raises(MapError, match=r"did you mean .*terran_5_vs_5"):
        load_map("teran_5_vs_5")


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        ("conic_fov", True, "arctan of slopes"),
        ("capability_config", {}, "write a map file"),
        ("fully_observable", True, "only False exists here"),
        ("prob_obs_enemy", 1.5, "less than or equal to 1"),
    ],
)
def test_what_is_not_offered_is_refused_in_one_line(key, value, match):
    with pytest.raises(ConfigError, match=match) as error:
        SmacArgs.parse({"map_name": "terran_5_vs_5", key: value})
    assert "\n" not in str(error.value)


def test_upstreams_keys_that_change_nothing_are_taken():
    args = {"conic_fov": False, "num_fov_actions": 12, "kill_unit_step_mul": 2}
    assert SmacArgs.parse({"map_name": "terran_5_vs_5", **args}).conic_fov is False


def test_a_scenario_of_ones_own_is_one_file(tmp_path):
    file = str(write(tmp_path, {}))
    env = VectorSkirmish(2, map_file=file)
    env.reset(seeds=[1, 2])
    assert (env.n_agents, env.n_enemies, env.episode_limit) == (3, 4, 100)
    assert {name for e in range(2) for name in env.names_of(e)} <= {"zergling", "baneling"}
    larger = VectorSkirmish(1, map_file=file, n_units=8, n_enemies=2)
    larger.reset(seeds=[1])
    assert (larger.n_agents, larger.n_enemies) == (8, 2)


TERRAINS = sorted(path.stem for path in (maps_dir() / "terrains").glob("*.yaml"))


@pytest.mark.parametrize("terrain", TERRAINS)
def test_scenarios_play_on_every_terrain(terrain, tmp_path):
    changes = {"terrain": terrain, "n_units": 10, "n_enemies": 12}
    env = SkirmishEnv(map_file=str(write(tmp_path, changes)))
    ground = env.map.terrain
    rng = np.random.default_rng(0)
    for seed in range(4):
        env.reset(seed=seed)
        for _ in range(10):
            table = env.vector.episode_state.table[0]
            cells = table["y"].astype(int), table["x"].astype(int)
            assert ground.pathing[cells][table["health"] > 0].all()
            actions = [int(rng.choice(np.flatnonzero(row))) for row in env.avail_array()]
            if env.step(actions)[1]:
                break


def test_units_never_overlap_at_the_start():
    for name in ("zerg_20_vs_23", "protoss_20_vs_20"):
        env = VectorSkirmish(1, map_name=name)
        for seed in range(10):
            env.reset(seeds=[seed])
            units, traits = env.state.units[0], env.state.traits[0]
            places = np.stack([units["x"], units["y"]], 1)
            away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
            apart = traits["separation"][:, None] + traits["separation"][None]
            layer = traits["collision_layer"]
            close = (away < apart - 1e-6) & (layer[:, None] == layer[None])
            assert close.sum() == len(units)  # each with itself


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"teams/units": {"zergling": 0.5, "baneling": 0.2}}, "add up to 0.7, expected 1"),
        ({"teams/units": {"zergling": 1.5}}, r"expected weights in \(0, 1\], got 1.5"),
        ({"teams/units": {"zerglin": 1.0}}, "unknown unit type 'zerglin'.*did you mean"),
        ({"teams/units": ["zergling"]}, "expected a mapping of unit types and weights"),
        ({"teams/not_alone": ["marine"]}, "not_alone: expected some of"),
        ({"teams/not_alone": ["zergling", "baneling"]}, "no team could be drawn"),
        ({"teams/kind": "weigthed"}, "unknown value 'weigthed'.*did you mean"),
        ({"teams/wieghts": 1}, "wieghts: unknown key"),
        ({"teams/kind": "all", "teams/units": ["zergling", "baneling"]}, "expected 3, got 4"),
        ({"starts/p": 1.5}, r"expected a number in 0\.\.1, got 1.5"),
        ({"starts/kind": "circle"}, "unknown value 'circle'"),
        ({"starts": {"kind": "fixed", "ally": [8, 16], "enemy": [40, 16]}}, "playable area"),
        ({"starts": {"kind": "uniform", "ally": [8, 8, 4, 9], "enemy": [0, 0, 1, 1]}}, "ally"),
        ({"n_units": 0}, r"n_units: expected an integer in 1\.\.256, got 0"),
        ({"n_enemies": None}, "n_enemies"),
        ({"race": "X"}, "race"),
        ({"order": {"kind": "attack_point"}}, "known: attack_nearest, none"),
        ({"order": {"kind": "none", "every_loops": 0}}, "every_loops"),
        ({"enemy_mask": {"probability": 2}}, "probability"),
        ({"units": []}, "units: unknown key"),
    ],
)
def test_wrong_files_are_explained(changes, match, tmp_path):
    with pytest.raises(MapError, match=match) as error:
        load_map(None, str(write(tmp_path, changes)))
    assert "mine.yaml" in str(error.value)


def test_fixed_lists_are_checked(tmp_path):
    teams = {"kind": "fixed", "units": ["zergling"], "items": [{"ally": ["zergling"] * 3}]}
    for items, match in (
        ([{"ally": ["zergling"] * 3}], "the items have 3, got 4"),
        ([{"ally": "zergling"}], "expected a list"),
        ([{"ally": ["zergling"]}, {"ally": ["zergling"] * 2}], "sizes of the first one"),
    ):
        file = write(tmp_path, {"teams": {**teams, "items": items}})
        with pytest.raises(MapError, match=match):
            load_map(None, str(file))


def test_types_of_team_mates_can_be_hidden(tmp_path):
    team = ["zergling", "baneling"]
    changes = {
        "n_units": 2, "n_enemies": 2,
        "teams": {"kind": "fixed", "units": team, "items": [{"ally": team}]},
        "starts": {"kind": "fixed", "ally": [14, 16], "enemy": [18, 16]},
    }  # fmt: skip  # one mapping
    rows = {}
    for shown in (True, False):
        changes["teams"]["types_shown"] = shown
        env = SkirmishEnv(map_file=str(write(tmp_path, changes)))
        obs, _ = env.reset(seed=1)
        ally = 4 + 2 * 7
        rows[shown] = [row[ally : ally + 7].tolist() for row in obs]
        assert all(row[-2:].sum() == 1 for row in obs)  # one's own type is always seen
    for with_types, without in zip(rows[True], rows[False], strict=True):
        assert with_types[:5] == without[:5]
        assert (sum(with_types[5:]), sum(without[5:])) == (1, 0)
