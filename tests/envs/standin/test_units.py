"""Units as a client sees them: tags, order, types, numbers, deaths and the respawn trigger."""

import pytest
from s2clientprotocol import sc2api_pb2

from pymarl.envs.smac.maps.map_spec import load_map, map_names
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import command
from tests.envs.standin.clients.smac_player import SmacPlayer


# --- tags, order, types
def test_tags_are_never_used_again():
    game = LocalClient().play("3m", 1)
    seen = set()
    for _ in range(5):
        tags = {unit.tag for unit in game.units()}
        assert len(tags) == 6
        assert not tags & seen
        seen |= tags
        game.next_battle()


@pytest.mark.parametrize("name", map_names())
def test_unit_types_are_what_smac_expects(name):
    spec = load_map(name)
    units = LocalClient().play(name, 1).units()
    agents = [unit for unit in units if unit.owner == 1]
    enemies = [unit for unit in units if unit.owner == 2]
    assert [unit.alliance for unit in (agents[0], enemies[0])] == [1, 4]
    kinds = sorted({unit.unit_type for unit in agents})
    stock = {48, 51, 54, 74, 73, 4, 105, 107, 9, 98}
    assert {unit.unit_type for unit in enemies} <= stock
    if spec.ally.passive:
        # Consecutive above the stock types, so that SMAC's "minimum + k" names the type bits.
        assert kinds == list(range(kinds[0], kinds[0] + len(spec.ally.type_bits)))
        assert kinds[0] > max(stock)
    else:
        assert set(kinds) <= stock


def test_enemies_keep_their_order():
    first = LocalClient().play("MMM2", 1)
    second = LocalClient().play("MMM2", 2)
    order = [(u.unit_type, u.pos.x, u.pos.y) for u in first.units() if u.owner == 2]
    for _ in range(2):
        assert [(u.unit_type, u.pos.x, u.pos.y) for u in second.units() if u.owner == 2] == order
        second.next_battle()


def test_a_unit_has_the_games_numbers():
    units = {unit.unit_type: unit for unit in LocalClient().play("MMM", 1).units()}
    medivac, marine, enemy = units[1972], units[1971], units[48]
    assert (medivac.health, medivac.health_max) == (150, 150)
    assert (medivac.energy, medivac.energy_max) == (50, 200)
    assert medivac.is_flying
    assert not marine.is_flying
    assert not marine.HasField("energy")
    assert not marine.HasField("shield")
    assert marine.weapon_cooldown == 0
    assert marine.HasField("weapon_cooldown")
    # As in the game, the cooldown of others is not shown.
    assert not enemy.HasField("weapon_cooldown")
    assert marine.radius == 0.375
    stalker = next(unit for unit in LocalClient().play("3s_vs_3z", 1).units() if unit.owner == 1)
    assert (stalker.shield, stalker.shield_max, stalker.health_max) == (80, 80, 80)


def test_cooldowns_are_told_in_game_loops():
    game = LocalClient().play("3m", 1)
    player = SmacPlayer(game)
    most = 0.0
    for _ in range(20):
        game.act([command(23, player.tags[:3], target=player.tags[3])])
        game.step(8)
        player.look()
        most = max(most, float(player.table[:3, 5].max()))
    assert 10 < most < 16


# --- deaths and the trigger
def test_a_kill_takes_one_loop_and_the_respawn_another():
    game = LocalClient().play("3m", 1)
    game.step(8)
    old = [unit.tag for unit in game.units()]
    game.kill(old)
    assert len(game.units()) == 6
    game.step(1)
    observation = game.observe().observation
    assert len(observation.raw_data.units) == 0
    assert sorted(observation.raw_data.event.dead_units) == sorted(old)
    game.step(1)
    observation = game.observe().observation
    assert len(observation.raw_data.units) == 6
    assert not observation.raw_data.event.dead_units
    assert observation.game_loop == 10
    assert game.game.battle.loop == 0


def test_the_dead_are_told_once():
    game = LocalClient().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[:1])
    game.step(8)
    assert list(game.observe().observation.raw_data.event.dead_units) == tags[:1]
    assert not game.observe().observation.raw_data.event.dead_units
    assert [unit.tag for unit in game.units()] == tags[1:]


def test_one_side_alone_waits():
    game = LocalClient().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[3:])
    game.step(50)
    assert [unit.tag for unit in game.units()] == tags[:3]
    game.kill(tags[:3])
    game.step(2)
    assert len(game.units()) == 6


def test_a_draw_within_a_step_begins_the_next_battle():
    game = LocalClient().play("3m", 1)
    old = {unit.tag for unit in game.units()}
    game.kill(sorted(old))
    # Both sides die in the first of eight loops: SMAC sees none of its units, and new ones.
    game.step(8)
    assert len(game.units()) == 6
    assert not {unit.tag for unit in game.units()} & old
    assert game.game.battle.loop == 6
    # SMAC then kills nothing, and plays the battle that has already begun.
    game.kill([])
    game.step(2)
    assert game.game.battle.loop == 8
    assert len(game.units()) == 6
    assert game.send(ping=sc2api_pb2.RequestPing()).status == 3


def test_orders_to_the_dead_change_nothing():
    game = LocalClient().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[:1])
    game.step(1)
    assert game.act([command(4, tags[:1]), command(23, tags[1:2], target=tags[0])]) == [3, 36]
    game.next_battle()
    assert game.act([command(4, tags[1:2])]) == [3]
