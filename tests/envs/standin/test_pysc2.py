"""Real pysc2 4.0.0 on the stand-in: its launcher, its controller, and the requests SMAC makes."""

import time
from pathlib import Path

import pytest
from s2clientprotocol import common_pb2, debug_pb2, raw_pb2, sc2api_pb2

from pymarl.envs.skirmish.replays.replay import load, verify
from pymarl.envs.starcraft2.client.seed_request import seed_request
from tests.envs.standin.clients.api_requests import create, join

TERRAN = common_pb2.Terran


@pytest.fixture
def controller(pysc2):
    """A launched game's controller."""
    process = pysc2.start(want_rgb=False)
    yield process.controller
    process.close()


def gone(pid):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_the_launcher_finds_starts_and_ends_it(pysc2, capfd):
    from pysc2.lib import protocol

    assert pysc2.version.build_version == 75689
    process = pysc2.start(want_rgb=False)
    assert process.running
    pid = process.pid
    ping = process.controller.ping()
    assert ping.base_build == 75689
    assert "not StarCraft II" in ping.data_version
    assert process.controller.status is protocol.Status.launched
    process.close()
    assert gone(pid)
    assert "Traceback" not in capfd.readouterr().err


def test_the_version_that_smac_names_is_found(sc2path, pysc2):
    from pysc2 import run_configs

    version = run_configs.get(version="4.10").version
    assert (version.game_version, version.build_version) == ("4.10.0", 75689)
    with pytest.raises(ValueError, match="Unknown game version"):
        run_configs.get(version="4.6.2")


def test_the_requests_of_smac_in_its_order(pysc2, controller, tmp_path):
    """As SMAC's StarCraft2Env plays: launch, two episodes, a draw, a replay."""
    from pysc2.lib import protocol

    path = "SMAC_Maps/3m.SC2Map"
    request = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path=path, map_data=pysc2.map_data(path)),
        realtime=False,
        random_seed=1,
    )
    request.player_setup.add(type=sc2api_pb2.Participant)
    request.player_setup.add(type=sc2api_pb2.Computer, race=TERRAN, difficulty=sc2api_pb2.VeryHard)
    controller.create_game(request)
    assert controller.status is protocol.Status.init_game
    options = sc2api_pb2.InterfaceOptions(raw=True, score=False)
    joined = controller.join_game(sc2api_pb2.RequestJoinGame(race=TERRAN, options=options))
    assert joined.player_id == 1
    assert controller.game_info().start_raw.map_size.x == 32
    assert controller.status is protocol.Status.in_game

    for episode in range(2):
        units = controller.observe().observation.raw_data.units
        agents = [unit for unit in units if unit.owner == 1]
        enemies = [unit for unit in units if unit.owner == 2]
        assert (len(agents), len(enemies)) == (3, 3)
        actions = [attack(agent.tag, enemies[0].tag) for agent in agents]
        controller.actions(sc2api_pb2.RequestAction(actions=actions))
        controller.step(8)
        observation = controller.observe()
        # The dead give no orders: SMAC then sends an empty list.
        controller.actions(sc2api_pb2.RequestAction(actions=[]))
        controller.step(8)
        assert observation.observation.game_loop == 8 + 18 * episode
        assert not observation.player_result
        alive = [unit.tag for unit in controller.observe().observation.raw_data.units]
        controller.debug([debug_pb2.DebugCommand(kill_unit=debug_pb2.DebugKillUnit(tag=alive))])
        controller.step(2)
    # After a draw SMAC has nobody to kill.
    controller.debug([debug_pb2.DebugCommand(kill_unit=debug_pb2.DebugKillUnit(tag=[]))])
    controller.step(2)
    assert len(controller.observe().observation.raw_data.units) == 6
    assert controller.status is protocol.Status.in_game

    file = Path(pysc2.save_replay(controller.save_replay(), str(tmp_path), "3m"))
    replay = load(file)
    assert replay.header.origin == "stand-in, not StarCraft II"
    assert "equal to the bit" in verify(replay)


def attack(tag, target):
    order = raw_pb2.ActionRawUnitCommand(
        ability_id=23, target_unit_tag=target, unit_tags=[tag], queue_command=False
    )
    return sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=order))


def test_the_rest_of_the_controller(pysc2, controller):
    from pysc2.lib import protocol

    assert "SMAC_Maps/3m.SC2Map" in controller.available_maps().local_map_paths
    controller.create_game(create("MMM", 5))
    controller.join_game(join())
    data = controller.data()
    assert data.units[48] == "Marine"
    assert 386 in data.abilities
    controller.chat(seed_request(5))
    draw = debug_pb2.DebugDraw(text=[debug_pb2.DebugText(text=seed_request(6))])
    controller.debug(debug_pb2.DebugCommand(draw=draw))
    controller.restart()
    assert controller.observe().observation.game_loop == 0
    with pytest.raises(protocol.ProtocolError, match=r"count=0: expected 1\.\."):
        controller.step(0)
    controller.step(3)
    controller.leave()
    assert controller.status is protocol.Status.launched
    with pytest.raises(protocol.ProtocolError, match="observe"):
        controller.observe()
    bad = create("3mm")
    from pysc2.lib.remote_controller import RequestError

    with pytest.raises(RequestError, match="did you mean '3m'"):
        controller.create_game(bad)
