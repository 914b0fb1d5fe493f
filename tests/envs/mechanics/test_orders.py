"""What units do with orders and without."""

from pymarl.envs.skirmish.engine import codes
from tests.envs.arena import Arena


def test_orders_the_game_refuses_change_nothing():
    a = Arena([("zealot", 10, 10)], [("medivac", 12, 10), ("marine", 30, 30)])
    a.loops(1, [4])
    order = int(a.units[0].order)
    a.loops(1, [6])  # a zealot cannot hit an air unit
    assert a.units[0].order == order == codes.MOVE


def test_agents_never_attack_without_an_order_and_stock_units_do():
    a = Arena([("marine", 10, 10)], [("marine", 14, 10)])
    a.loops(40)
    assert a.health(1) == 45
    b = Arena([("marine", 10, 10)], [("marine", 14, 10)], passive=False)
    b.loops(40)
    assert b.health(1) < 45
