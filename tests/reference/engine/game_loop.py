"""The game loop, 1/16 of a "normal" second: what happens in it, in which order."""

from pymarl.envs.skirmish.engine.constants import ENERGY_REGEN, SHIELD_REGEN
from tests.reference.engine.attacks import attack
from tests.reference.engine.battle import Battle
from tests.reference.engine.damage import fly_missile, follow_up, remove_dead
from tests.reference.engine.movement import carry_out_moves, change_velocity, collide
from tests.reference.engine.orders import attack_target, heal, order_enemies, walk
from tests.reference.engine.targets import acquire_target, answer_attacks
from tests.reference.engine.unit import Pose, Unit


def play_game_loop(battle: Battle) -> None:
    """Advance the battle by one game loop."""
    if not battle.enemies_ordered and battle.game_loops >= battle.enemy_order_after:
        order_enemies(battle)
    # What is on its way arrives, also from shooters that have died.
    for unit in battle.units:
        fly_missile(unit)
        if unit.follow_ups_left > 0 and unit.alive:
            follow_up(battle, unit)
    # Units act one after the other. Who has no health left still acts: it dies at the end.
    for unit in battle.units:
        if unit.alive:
            act(battle, unit)
    carry_out_moves(battle)
    collide(battle)
    answer_attacks(battle)
    regenerate(battle)
    remove_dead(battle)
    battle.game_loops += 1


def act(battle: Battle, unit: Unit) -> None:
    """Let a unit act: heal, attack, or walk, whatever its order and its targets ask for."""
    unit.cooldown = max(unit.cooldown - 1.0, 0.0)
    unit.backswing = max(unit.backswing - 1.0, 0.0)
    unit.pose = Pose.STANDING
    if unit.traits.acceleration <= 0:
        unit.velocity = (0.0, 0.0)
    if unit.traits.is_healer:
        heal(battle, unit)
    else:
        if unit.may_choose_targets():
            acquire_target(battle, unit)
        target = attack_target(battle, unit)
        if target is not None:
            attack(battle, unit, target)
        elif unit.winding_up:
            unit.cancel_attack()
        else:
            walk(battle, unit)
    if unit.pose is not Pose.WALKING:
        change_velocity(unit, 0.0, 0.0)  # what flies slows down


def regenerate(battle: Battle) -> None:
    """Restore shields after ten seconds without a hit; health of zerg, and energy, always."""
    for unit in battle.units:
        traits = unit.traits
        if not unit.alive or unit.health <= 0:
            continue
        if unit.shield_timer > 0:
            unit.shield_timer -= 1.0
        else:
            unit.shield = min(unit.shield + SHIELD_REGEN, traits.shield_max)
        if traits.health_regeneration > 0:
            unit.health = min(unit.health + traits.health_regeneration, traits.health_max)
        if traits.energy_max > 0:
            unit.energy = min(unit.energy + ENERGY_REGEN, traits.energy_max)
