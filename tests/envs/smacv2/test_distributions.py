"""What is drawn per episode, by chi-square on 100,000 draws, and each test seen to fail."""

from dataclasses import replace

import pytest

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.smac.smacv2.draws import Draws
from pymarl.envs.smac.smacv2.starts import Reflect, Surrounded, SurroundedAndReflect
from pymarl.envs.smac.smacv2.teams import AllTeams, FixedTeams, WeightedTeams
from tests.envs.smacv2.counts import multiset, require_frequencies, team_frequencies

DRAWS = 100_000
AREA = (0.0, 0.0, 32.0, 32.0)
WEIGHTS = {
    "protoss": {"stalker": 0.45, "zealot": 0.45, "colossus": 0.1},
    "terran": {"marine": 0.45, "marauder": 0.45, "medivac": 0.1},
    "zerg": {"zergling": 0.45, "hydralisk": 0.45, "baneling": 0.1},
}
NOT_ALONE = {"protoss": (), "terran": ("medivac",), "zerg": ("baneling",)}
CORNERS = [(0, 0), (0, 32), (32, 32), (32, 0)]


def teams_of(race, n, e):
    return load_map(f"{race}_{n}_vs_{e}").scenario.teams


def team_draws(teams, count=DRAWS):
    draws = Draws(7)
    return [teams.draw(draws) for _ in range(count)]


@pytest.mark.parametrize("race", WEIGHTS)
def test_types_come_by_their_weights_and_the_enemy_is_a_copy(race):
    weights = WEIGHTS[race]
    drawn = team_draws(teams_of(race, 5, 5))
    assert all(allies == enemies for allies, enemies in drawn)
    expected = team_frequencies(weights, 5, NOT_ALONE[race])
    require_frequencies((multiset(allies, weights) for allies, _ in drawn), expected)
    # Slots are exchangeable: the first one is like the rest.
    lone = sum(weights[unit] for unit in NOT_ALONE[race]) ** 5
    slot = {
        unit: (p - (lone * p / 0.1 if unit in NOT_ALONE[race] else 0)) / (1 - lone)
        for unit, p in weights.items()
    }
    require_frequencies((allies[0] for allies, _ in drawn), slot)


@pytest.mark.parametrize("race", WEIGHTS)
def test_extra_enemies_are_a_group_of_their_own(race):
    weights = WEIGHTS[race]
    drawn = team_draws(teams_of(race, 10, 11))
    assert all(enemies[:10] == allies for allies, enemies in drawn)
    # The exception rule holds for the group alone: one extra terran is never a medivac.
    alone = team_frequencies(weights, 1, NOT_ALONE[race])
    require_frequencies((multiset(enemies[10:], weights) for _, enemies in drawn), alone)
    extra = [enemies[20:] for _, enemies in team_draws(teams_of(race, 20, 23))]
    three = team_frequencies(weights, 3, NOT_ALONE[race])
    require_frequencies((multiset(group, weights) for group in extra), three)


def test_fewer_enemies_are_the_first_agents():
    for allies, enemies in team_draws(load_map("terran_7_vs_4").scenario.teams, 100):
        assert enemies == allies[:4]


def test_exception_types_are_drawn_again():
    small = WeightedTeams(("marine", "medivac"), (0.1, 0.9), ("medivac",), 2, 2)
    expected = team_frequencies({"marine": 0.1, "medivac": 0.9}, 2, ("medivac",))
    drawn = [multiset(allies, small.types) for allies, _ in team_draws(small)]
    require_frequencies(drawn, expected)
    careless = team_draws(replace(small, not_alone=()))
    with pytest.raises(AssertionError, match="cannot occur"):
        require_frequencies((multiset(allies, small.types) for allies, _ in careless), expected)


def test_wrong_weights_are_noticed():
    teams = replace(teams_of("terran", 5, 5), weights=(0.44, 0.46, 0.1))
    expected = team_frequencies(WEIGHTS["terran"], 5, ("medivac",))
    drawn = team_draws(teams)
    with pytest.raises(AssertionError, match="p = "):
        require_frequencies((multiset(a, WEIGHTS["terran"]) for a, _ in drawn), expected)


def test_all_teams_are_equally_likely_multisets():
    types = ("marine", "marauder", "medivac")
    teams = AllTeams(types, ("medivac",), 3)
    assert teams.count == 10
    drawn = team_draws(teams)
    assert all(allies == enemies for allies, enemies in drawn)
    found = [multiset(allies, types) for allies, _ in drawn]
    expected = dict.fromkeys(set(found), 1 / 9)
    assert len(expected) == 9
    assert (0, 0, 3) not in expected
    require_frequencies(found, expected)
    pair = [allies for allies, _ in drawn if multiset(allies, types) == (1, 2, 0)]
    require_frequencies((team.index("marine") for team in pair), dict.fromkeys(range(3), 1 / 3))


def test_fixed_teams_are_drawn_from_their_list():
    items = ((("marine", "medivac"), ("zealot",)), (("marine", "marine"), ("stalker",)))
    teams = FixedTeams(("marine", "medivac", "zealot", "stalker"), items)
    drawn = team_draws(teams, 20_000)
    require_frequencies((enemies[0] for _, enemies in drawn), {"zealot": 0.5, "stalker": 0.5})
    first = [allies[0] for allies, enemies in drawn if enemies == ["zealot"]]
    require_frequencies(first, {"marine": 0.5, "medivac": 0.5})


@pytest.mark.parametrize(("n", "e"), [(5, 5), (10, 11), (20, 23), (7, 4)])
def test_reflected_enemies_are_mirrored_exactly(n, e):
    draws = Draws(3)
    for _ in range(1000):
        allies, enemies = Reflect().draw(draws, AREA, n, e)
        assert (len(allies), len(enemies)) == (n, e)
        assert enemies[:n] == [(32 - x, y) for x, y in allies[:e]]
        assert all(0 <= x < 15 and 0 <= y < 32 for x, y in allies)
        assert all(16 <= x < 32 and 0 <= y < 32 for x, y in enemies[n:])


def tenths(values, low, high):
    return [int(10 * (value - low) / (high - low)) for value in values]


def test_reflected_places_are_uniform():
    draws = Draws(5)
    points = [Reflect().draw(draws, AREA, 1, 2) for _ in range(DRAWS)]
    even = dict.fromkeys(range(10), 0.1)
    for axis, high in ((0, 15), (1, 32)):
        require_frequencies(tenths((a[0][axis] for a, _ in points), 0, high), even)
    require_frequencies(tenths((e[1][0] for _, e in points), 16, 32), even)
    require_frequencies(tenths((e[1][1] for _, e in points), 0, 32), even)


def groups_of(enemies):
    """Return [(diagonal, share of the way from the corner to the inner point, size)]."""
    found = []
    for place in dict.fromkeys(enemies):
        diagonal = CORNERS.index((0 if place[0] < 16 else 32, 0 if place[1] < 16 else 32))
        t = min(place[0], 32 - place[0]) / 14
        assert abs(t - min(place[1], 32 - place[1]) / 14) < 1e-12
        found.append((diagonal, t, enemies.count(place)))
    return found


def surrounded_draws(count=DRAWS, n=1, e=20):
    draws = Draws(11)
    return [Surrounded().draw(draws, AREA, n, e) for _ in range(count)]


def test_surrounding_groups_and_diagonals():
    drawn = surrounded_draws()
    assert all(allies == [(16, 16)] for allies, _ in drawn)
    groups = [groups_of(enemies) for _, enemies in drawn]
    # With 20 enemies a group is empty now and then: its probability is in the numbers.
    seen = dict.fromkeys(range(1, 5), 0.0)
    for g in range(1, 5):
        for used in range(1, g + 1):
            onto = sum((-1) ** k * _choose(used, k) * (used - k) ** 20 for k in range(used + 1))
            seen[used] += 0.25 * _choose(g, used) * onto / g**20
    require_frequencies((len(each) for each in groups), seen)
    require_frequencies((each[0][0] for each in groups), dict.fromkeys(range(4), 0.25))
    shares = [t for each in groups for _, t, _ in each]
    require_frequencies(tenths(shares, 0, 1), dict.fromkeys(range(10), 0.1))
    pairs = [(each[0][0], each[1][0]) for each in groups if len(each) == 2]
    even = {(a, b): 1 / 12 for a in range(4) for b in range(4) if a != b}
    require_frequencies(pairs, even)


def _choose(n, k):
    from math import comb

    return comb(n, k)


def test_group_sizes_are_multinomial():
    # Of two enemies in g groups both are in one with probability 1/g.
    drawn = surrounded_draws(e=2)
    together = sum(0.25 / g for g in range(1, 5))
    found = [len(set(enemies)) == 1 for _, enemies in drawn]
    require_frequencies(found, {True: together, False: 1 - together})


def test_a_wrong_number_of_groups_is_noticed(monkeypatch):
    from pymarl.envs.smac.smacv2 import starts

    monkeypatch.setattr(starts, "MAX_GROUPS", 3)
    with pytest.raises(AssertionError):
        test_surrounding_groups_and_diagonals()


@pytest.mark.parametrize("p", [0.5, 0.2])
def test_p_is_the_probability_of_reflect(p):
    rule, draws = SurroundedAndReflect(p), Draws(13)
    found = [rule.draw(draws, AREA, 1, 1)[0][0] != (16, 16) for _ in range(DRAWS)]
    require_frequencies(found, {True: p, False: 1 - p})
    with pytest.raises(AssertionError, match="p = "):
        require_frequencies(found, {True: p + 0.01, False: 0.99 - p})


def test_the_whole_scenario_by_episode_seeds():
    scenario = load_map("terran_5_vs_5").scenario
    episodes = [scenario.draw(seed) for seed in range(DRAWS)]
    weights = WEIGHTS["terran"]
    expected = team_frequencies(weights, 5, ("medivac",))
    require_frequencies((multiset(each.allies, weights) for each in episodes), expected)
    reflected = [each.ally_points[0] != (16, 16) for each in episodes]
    require_frequencies(reflected, {True: 0.5, False: 0.5})
    require_frequencies((each.order_phase for each in episodes), dict.fromkeys(range(8), 1 / 8))
    # Neither decides the other.
    lone = [multiset(each.allies, weights)[2] == 0 for each in episodes]
    both = list(zip(lone, reflected, strict=True))
    p = sum(value for counts, value in expected.items() if counts[2] == 0)
    require_frequencies(both, {(a, b): (p if a else 1 - p) / 2 for a in (0, 1) for b in (0, 1)})


@pytest.mark.parametrize("name", ["terran_5_vs_5", "zerg_20_vs_23", "protoss_10_vs_11"])
def test_the_expected_points_are_the_mean(name):
    scenario = load_map(name).scenario
    mean = sum(scenario.enemy_points(seed) for seed in range(20_000)) / 20_000
    assert mean == pytest.approx(scenario.mean_enemy_points(), rel=0.01)
    if name == "terran_5_vs_5":
        # By hand: a mean slot has .45 * 45 + .45 * 125 + .1 * 150 = 91.5 points.
        by_hand = 5 * (91.5 - 0.1**4 * 0.1 * 150) / (1 - 0.1**5)
        assert scenario.mean_enemy_points() == pytest.approx(by_hand)


def test_streams_of_one_seed_are_independent():
    a, b = Draws(1, "scenario"), Draws(1, "sighting")
    assert [a.uniform() for _ in range(3)] != [b.uniform() for _ in range(3)]
