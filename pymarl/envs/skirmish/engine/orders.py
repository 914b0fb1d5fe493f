"""Orders: agents' actions, the enemies' order, and how units follow them."""

import math

import numpy as np

from pymarl.envs.skirmish.engine.codes import (
    ATTACK,
    ATTACK_MOVE,
    ATTACK_NEAREST,
    ATTACK_UNITS,
    ENEMIES,
    HEAL,
    IDLE,
    MOVE,
    NO_ENEMY_ORDER,
    NO_UNIT,
    UNARMED,
)
from pymarl.envs.skirmish.engine.constants import ARRIVE_ATTACK, ARRIVE_MOVE, CROWD_RADIUS
from pymarl.envs.skirmish.engine.movement import move_towards
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.envs.skirmish.engine.target_selection import can_attack, can_heal, cancel_wind_up
from pymarl.envs.smac.rules.actions import (
    FIRST_TARGET,
    MOVE_EAST,
    MOVE_NORTH,
    MOVE_SOUTH,
    NO_OP,
    STOP,
)
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@inner_kernel
def issue_order(
    battle: Battle, i: int, order: int, target: int, goal_x: float, goal_y: float
) -> None:
    """Replace the order of unit ``i``; the same attack or heal order again changes nothing.

    A new order cancels a wind-up (and its cooldown) and ends a backswing.
    """
    unit = battle.units[i]
    is_same = order == unit.order and target == unit.ordered_target
    # Agents repeat their attack in every environment step: this must not break the attack off.
    if is_same and (target >= 0 or order == IDLE):
        return
    cancel_wind_up(battle, i)
    unit.backswing = 0.0
    unit.order = order
    unit.ordered_target = target
    # What it chose by itself gives way to the order.
    unit.acquired_target = NO_UNIT
    unit.goal_x = goal_x
    unit.goal_y = goal_y
    unit.stuck_loops = 0


@kernel
def order_idle(battle: Battle, i: int) -> None:
    """Order unit ``i`` to stop."""
    issue_order(battle, i, IDLE, NO_UNIT, 0.0, 0.0)


@kernel
def order_attack(battle: Battle, i: int, target: int) -> None:
    """Order unit ``i`` to attack ``target``."""
    issue_order(battle, i, ATTACK, target, 0.0, 0.0)


@kernel
def order_heal(battle: Battle, i: int, target: int) -> None:
    """Order unit ``i`` to heal ``target``."""
    issue_order(battle, i, HEAL, target, 0.0, 0.0)


@inner_kernel
def apply_action(battle: Battle, table: UnitTable, i: int, action: int, move_amount: float) -> None:
    """Turn SMAC's action of agent ``i`` into an order.

    Orders that the game would refuse change nothing.

    Args:
        battle: the battle.
        table: unit table (U,) of the last observation: moves start at the position in it.
        i: the agent.
        action: SMAC's action.
        move_amount: length of a move.
    """
    if action <= NO_OP or not battle.units[i].alive:
        return
    if action == STOP:
        order_idle(battle, i)
    elif action < FIRST_TARGET:
        x, y = np.float64(table[i].x), np.float64(table[i].y)
        if action == MOVE_NORTH:
            y += move_amount
        elif action == MOVE_SOUTH:
            y -= move_amount
        elif action == MOVE_EAST:
            x += move_amount
        else:
            x -= move_amount
        # In float32, as a protobuf carries goals.
        goal_x, goal_y = np.float64(np.float32(x)), np.float64(np.float32(y))
        issue_order(battle, i, MOVE, NO_UNIT, goal_x, goal_y)
    elif battle.traits[i].is_healer:
        # The targets of a healer's actions are agents, those of others are enemies.
        target = action - FIRST_TARGET
        if can_heal(battle, i, target) and battle.units[i].energy > 0.0:
            order_heal(battle, i, target)
    else:
        target = action - FIRST_TARGET + battle.map.n_agents
        if battle.units[target].alive and can_attack(battle, i, target):
            order_attack(battle, i, target)


@inner_kernel
def nearest_agent(battle: Battle, i: int, attackable: bool) -> int:
    """Return the living agent nearest to enemy ``i``, or -1; ``attackable``: that it can attack."""
    best = NO_UNIT
    best_square = 1e18
    for j in range(battle.map.n_agents):
        dx = battle.units[j].x - battle.units[i].x
        dy = battle.units[j].y - battle.units[i].y
        square = dx * dx + dy * dy
        is_nearer = battle.units[j].alive and square < best_square
        if is_nearer and (not attackable or can_attack(battle, i, j)):
            best_square = square
            best = j
    return best


@inner_kernel
def send_to_nearest(battle: Battle, i: int) -> None:
    """Order the idle enemy ``i`` to attack the living agent that is nearest to it.

    The script of SMACv2's maps. It looks at nothing but the distance: an order against a unit that
    the enemy cannot hit (a flying one) is refused, and it goes on choosing targets by itself.
    """
    if battle.units[i].order != IDLE:
        return
    target = nearest_agent(battle, i, False)
    if target >= 0 and can_attack(battle, i, target):
        order_attack(battle, i, target)


@inner_kernel
def order_enemies(battle: Battle) -> None:
    """Give the map's order to all armed enemies.

    For others (medivacs) it is invalid and they stay idle.
    """
    episode, order = battle.episode, battle.map.enemy_order
    episode.next_order += battle.map.enemy_order_every
    episode.enemies_ordered = battle.map.enemy_order_every == 0
    for i in range(battle.map.n_agents, battle.map.n_units):
        traits = battle.traits[i]
        if order == NO_ENEMY_ORDER or not battle.units[i].alive or traits.weapon == UNARMED:
            continue
        if order == ATTACK_NEAREST:
            send_to_nearest(battle, i)
        elif order == ATTACK_UNITS:
            # The map's script sends them against one unit after the other.
            target = nearest_agent(battle, i, True)
            if target >= 0:
                order_attack(battle, i, target)
        elif traits.speed > 0.0:
            # Spine crawlers cannot go anywhere.
            issue_order(battle, i, ATTACK_MOVE, NO_UNIT, episode.order_x, episode.order_y)


@kernel
def target_to_attack(battle: Battle, i: int) -> int:
    """Return whom ``i`` attacks: its order's target, else the one it acquired, else -1.

    An order whose target is dead ends here.
    """
    unit = battle.units[i]
    if unit.order != ATTACK:
        return int(unit.acquired_target)
    target = int(unit.ordered_target)
    if battle.units[target].alive:
        return target
    # Agents wait for their next action; enemies go on where the script says so.
    goes_on = battle.map.enemy_order == ATTACK_UNITS and battle.traits[i].side == ENEMIES
    target = nearest_agent(battle, i, True) if goes_on else NO_UNIT
    if target >= 0:
        order_attack(battle, i, target)
    else:
        order_idle(battle, i)
    return target


@kernel
def follow_order(battle: Battle, i: int) -> None:
    """Follow a move or attack-move order.

    The unit becomes idle at its goal or where a crowd has arrived.
    """
    unit, order = battle.units[i], battle.units[i].order
    if order != MOVE and order != ATTACK_MOVE:
        return
    dx = unit.goal_x - unit.x
    dy = unit.goal_y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    arrived = distance <= (ARRIVE_MOVE if order == MOVE else ARRIVE_ATTACK)
    if not arrived and order == ATTACK_MOVE and distance <= CROWD_RADIUS:
        # An idle friend in the way has arrived before: waiting behind it would never end.
        blocker = unit.blocker
        arrived = (
            blocker >= 0
            and battle.units[blocker].order == IDLE
            and battle.traits[blocker].side == battle.traits[i].side
        )
    if arrived:
        order_idle(battle, i)
        return
    step = min(battle.traits[i].speed, distance)
    move_towards(battle, i, NO_UNIT, unit.goal_x, unit.goal_y, step)
