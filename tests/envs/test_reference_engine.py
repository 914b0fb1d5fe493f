"""The fast engine equals the reference engine in plain Python, bit for bit, on every map."""

from dataclasses import fields, replace

import pytest

from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from tests.envs.arena import arena_spec
from tests.reference.engine import battle
from tests.reference.engine.compare import add_to_damage, play_and_compare
from tests.reference.engine.traits import UnitTraits, traits_of

LONG = {"25m", "27m_vs_30m", "2c_vs_64zg", "bane_vs_bane", "corridor", "so_many_baneling"}
NUMBERS = [field.name for field in fields(UnitTraits) if field.type is float]


@pytest.mark.parametrize("name", map_names())
def test_both_engines_agree_to_the_bit(name):
    env = VectorSkirmish(1, map_name=name)
    play_and_compare(env, seed=len(name), steps=25 if name in LONG else 60)


def all_types_meet():
    kinds = [
        "marine",
        "marauder",
        "medivac",
        "stalker",
        "zealot",
        "colossus",
        "zergling",
        "hydralisk",
    ]
    allies = [(kind, 8 + 2 * (i % 3), 8 + 2 * (i // 3)) for i, kind in enumerate(kinds)]
    enemies = [
        (kind, 18 + 2 * (i % 3), 8 + 2 * (i // 3)) for i, kind in enumerate([*kinds, "baneling"])
    ]
    enemies.append(("spine_crawler", 14, 18))
    spec = arena_spec(allies, enemies, order="attack_point", points=[(10, 10)])
    return VectorSkirmish(1, spec=spec)


def test_they_agree_where_all_types_meet():
    for seed in range(3):
        play_and_compare(all_types_meet(), seed, 60)


def test_a_planted_difference_is_found():
    env = VectorSkirmish(1, map_name="3m")
    add_to_damage(env, 1e-9)
    with pytest.raises(AssertionError, match="health of units: the first difference"):
        play_and_compare(env, 1, 60)


def hydralisks_in_melee():
    # Five duels. The edges are 0.375 apart, and 0.1 when the zealot has come into its range.
    places = [(4 + 6 * k, 4 + 6 * k) for k in range(5)]
    allies = [("hydralisk", x, y) for x, y in places]
    enemies = [("zealot", x + 1.5, y) for x, y in places]
    return VectorSkirmish(1, spec=arena_spec(allies, enemies))


def play_many(seeds):
    # Hydralisks are seldom in melee where all types meet.
    for env in (all_types_meet(), hydralisks_in_melee()):
        for seed in seeds:
            play_and_compare(env, seed, 60)


@pytest.mark.parametrize("trait", NUMBERS)
def test_a_wrong_number_of_the_unit_types_is_found(trait, monkeypatch):
    def with_a_tenth(name):
        traits = traits_of(name)
        return replace(traits, **{trait: 0.1 * getattr(traits, trait)})

    monkeypatch.setattr(battle, "traits_of", with_a_tenth)
    with pytest.raises(AssertionError, match="the first difference"):
        play_many(range(5))
