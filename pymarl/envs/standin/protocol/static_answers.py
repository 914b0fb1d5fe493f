"""Answers that do not depend on the battle: ping, game info, static data, maps."""

import numpy as np
from s2clientprotocol import common_pb2, data_pb2, raw_pb2, sc2api_pb2

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.smac.maps.map_spec import MapSpec, map_names
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES
from pymarl.envs.standin import version
from pymarl.envs.standin.battle.unit_messages import AGENTS, ENEMIES
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK

ABILITY_STOP, ABILITY_MOVE, ABILITY_ATTACK, ABILITY_HEAL, ABILITY_SMART = 4, 16, 23, 386, 1
"""Ability ids of the commands that the stand-in carries out."""

GENERAL_ABILITIES = {3665: ABILITY_STOP, 3794: ABILITY_MOVE, 3674: ABILITY_ATTACK}
"""Ids of general abilities that stand for them."""

_ABILITIES = (
    (ABILITY_SMART, "Smart", "PointOrUnit", 0),
    (ABILITY_STOP, "Stop Stop", "None", 3665),
    (ABILITY_MOVE, "Move Move", "Point", 3794),
    (ABILITY_ATTACK, "Attack Attack", "PointOrUnit", 3674),
    (ABILITY_HEAL, "Effect Heal", "Unit", 0),
)
_ATTRIBUTES = (
    (codes.LIGHT, data_pb2.Light),
    (codes.ARMORED, data_pb2.Armored),
    (codes.BIOLOGICAL, data_pb2.Biological),
    (codes.MECHANICAL, data_pb2.Mechanical),
    (codes.MASSIVE, data_pb2.Massive),
    (codes.STRUCTURE, data_pb2.Structure),
)
_RACES = {"P": common_pb2.Protoss, "T": common_pb2.Terran, "Z": common_pb2.Zerg}


def decode_text(value: str | bytes) -> str:
    """Return a string field as text: protobuf gives bytes when it is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def ping() -> sc2api_pb2.ResponsePing:
    """Return the answer to a ping: the version that clients expect, and what this really is."""
    return sc2api_pb2.ResponsePing(
        game_version=version.GAME_VERSION,
        data_version=version.DATA_VERSION,
        data_build=version.BASE_BUILD,
        base_build=version.BASE_BUILD,
    )


def available_maps() -> sc2api_pb2.ResponseAvailableMaps:
    """Return the paths of the built-in maps."""
    folder = version.MAPS_FOLDER.removeprefix("Maps/")
    return sc2api_pb2.ResponseAvailableMaps(
        local_map_paths=[f"{folder}/{name}.SC2Map" for name in map_names()]
    )


def game_info(
    spec: MapSpec, create: sc2api_pb2.RequestCreateGame, join: sc2api_pb2.RequestJoinGame
) -> sc2api_pb2.ResponseGameInfo:
    """Return the game's static information.

    Grids are those of 4.10: the first row is the map's south edge, pathing has 1 bit per cell (the
    first cell is the highest bit; 1: walkable), heights 8 bits, (z + 16) * 255 / 32.
    """
    info = sc2api_pb2.ResponseGameInfo(
        map_name=spec.name,
        mod_names=[STANDIN_MARK],
        local_map_path=decode_text(create.local_map.map_path),
        options=join.options,
    )
    _add_player(info, AGENTS, sc2api_pb2.Participant, join.race, spec.ally.race)
    computer = next(setup for setup in create.player_setup if setup.type == sc2api_pb2.Computer)
    _add_player(info, ENEMIES, sc2api_pb2.Computer, computer.race, spec.enemy.race)
    info.player_info[1].difficulty = computer.difficulty
    terrain = spec.terrain
    start = info.start_raw
    start.map_size.x, start.map_size.y = terrain.width, terrain.height
    bits = np.packbits(terrain.pathing.ravel()).tobytes()
    _set_image(start.pathing_grid, 1, terrain.width, terrain.height, bits)
    heights = terrain.height_bytes().tobytes()
    _set_image(start.terrain_height, 8, terrain.width, terrain.height, heights)
    _set_image(start.placement_grid, 1, terrain.width, terrain.height, bytes(len(bits)))
    x0, y0, x1, y1 = (int(bound) for bound in terrain.playable)
    start.playable_area.p0.x, start.playable_area.p0.y = x0, y0
    start.playable_area.p1.x, start.playable_area.p1.y = x1, y1
    first = spec.enemy.groups[0]
    start.start_locations.add(x=first.x, y=first.y)
    return info


def _add_player(
    info: sc2api_pb2.ResponseGameInfo, player: int, player_type: int, race_requested: int, race: str
) -> None:
    """Add a player to the game's information."""
    info.player_info.add(
        player_id=player,
        type=player_type,
        race_requested=race_requested or common_pb2.Random,
        race_actual=_RACES[race],
        player_name=f"player {player} ({STANDIN_MARK})",
    )


def _set_image(
    image: common_pb2.ImageData, bits: int, width: int, height: int, data: bytes
) -> None:
    """Fill an image of the protocol."""
    image.bits_per_pixel, image.data = bits, data
    image.size.x, image.size.y = width, height


def data(request: sc2api_pb2.RequestData, agents: dict[str, int]) -> sc2api_pb2.ResponseData:
    """Return the static data of the abilities and unit types that exist here.

    Args:
        request: which kinds are wanted; there are no upgrades, buffs and effects.
        agents: unit type ids of the agents, by unit name.
    """
    answer = sc2api_pb2.ResponseData()
    if request.ability_id:
        for number, name, target, general in _ABILITIES:
            answer.abilities.add(
                ability_id=number,
                link_name=name.split(" ", maxsplit=1)[-1].lower(),
                friendly_name=name,
                button_name=name,
                hotkey="",
                available=True,
                target=data_pb2.AbilityData.Target.Value(target),
                **({"remaps_to_ability_id": general} if general else {}),
            )
    if request.unit_type_id:
        for name in UNITS:
            _add_unit(answer, name, UNIT_TYPES[name].api_id, "")
            if name in agents and agents[name] != UNIT_TYPES[name].api_id:
                _add_unit(answer, name, agents[name], "_RL")
    return answer


def _add_unit(answer: sc2api_pb2.ResponseData, name: str, number: int, suffix: str) -> None:
    """Add a unit type; speeds and times are those of "normal" seconds, as in the game's data."""
    unit = UNITS[name]
    entry = answer.units.add(
        unit_id=number,
        name="".join(word.capitalize() for word in name.split("_")) + suffix,
        available=True,
        movement_speed=unit.speed,
        armor=unit.armor,
        sight_range=unit.sight,
        attributes=[attribute for bit, attribute in _ATTRIBUTES if unit.attributes & bit],
    )
    if unit.weapon == codes.UNARMED:
        return
    both = unit.reached_planes == codes.ON_GROUND | codes.IN_AIR
    weapon = entry.weapons.add(
        type=data_pb2.Weapon.Any if both else data_pb2.Weapon.Ground,
        damage=unit.damage,
        attacks=2 if unit.weapon in (codes.DOUBLE, codes.SWEEP) else 1,
        range=unit.attack_range,
        speed=unit.attack_period,
    )
    for bit, attribute in _ATTRIBUTES:
        if unit.damage_bonus and unit.bonus_attributes & bit:
            weapon.damage_bonus.add(attribute=attribute, bonus=unit.damage_bonus)


def player_raw() -> raw_pb2.PlayerRaw:
    """Return the raw player part of an observation; there is no camera to be anywhere else."""
    return raw_pb2.PlayerRaw(camera=common_pb2.Point(x=0, y=0, z=0))
