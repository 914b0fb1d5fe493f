"""The units of an observation have the engine's numbers."""

import numpy as np
import pytest
from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps.map_spec import load_map, map_names
from pymarl.envs.standin.battle.battle import StandinBattle
from pymarl.envs.standin.battle.unit_messages import unit_message
from tests.envs.standin.clients.api_clients import LocalClient


@pytest.mark.parametrize("name", map_names())
def test_units_have_the_numbers_of_the_engine(name):
    battle = StandinBattle(load_map(name), 5)
    battle.advance(60)
    battle.kill(battle.tags[::3])
    battle.advance(1)
    expected = raw_pb2.ObservationRaw()
    for i, (name_of_type, kind) in enumerate(zip(battle.names, battle.types, strict=True)):
        unit = battle.state.units[0][i]
        if not unit.alive:
            continue
        owner = 1 if i < battle.n_agents else 2
        message = unit_message(name_of_type, kind, owner, battle.tags[i])
        x, y = unit.x, unit.y
        message.pos.x, message.pos.y = x, y
        corners = battle.spec.terrain.corners
        a, b = int(y), int(x)
        message.pos.z = float(corners[a : a + 2, b : b + 2].mean())
        message.facing = float(np.arctan2(unit.facing_y, unit.facing_x) % (2 * np.pi))
        message.health = unit.health
        if message.HasField("shield"):
            message.shield = unit.shield
        if message.HasField("energy"):
            message.energy = unit.energy
        if message.HasField("weapon_cooldown"):
            message.weapon_cooldown = unit.cooldown
        expected.units.append(message)
    seen = raw_pb2.ObservationRaw(units=battle.units())
    assert 0 < len(seen.units) < len(battle.tags)
    assert [u.tag for u in seen.units] == [u.tag for u in expected.units]
    for one, other in zip(seen.units, expected.units, strict=True):
        # math.atan2 and numpy's may differ in the last bit.
        assert one.facing == pytest.approx(other.facing, abs=1e-6)
        assert one.pos.z == pytest.approx(other.pos.z, abs=1e-6)
        one.facing, one.pos.z = other.facing, other.pos.z
        assert one == other
        assert one.SerializeToString() == other.SerializeToString()


def test_an_observation_is_one_well_formed_response():
    game = LocalClient().play("27m_vs_30m", 1)
    game.step(100)
    message = sc2api_pb2.Request(
        id=300, observation=sc2api_pb2.RequestObservation()
    ).SerializeToString()
    answer = game.game.answer(message)
    response = sc2api_pb2.Response.FromString(answer)
    assert (response.id, response.status) == (300, 3)
    assert response.observation.observation.game_loop == 100
    common = response.observation.observation.player_common
    agents = [u for u in response.observation.observation.raw_data.units if u.owner == 1]
    assert 0 < len(agents) < 27
    assert (common.player_id, common.army_count) == (1, len(agents))
    # No unknown fields, no field twice: protobuf writes the same number of bytes.
    assert len(response.SerializeToString()) == len(answer)
