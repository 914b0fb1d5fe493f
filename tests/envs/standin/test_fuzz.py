"""The server's input, fuzzed: every message gets one answer, and the game goes on."""

import gc
import random
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from s2clientprotocol import sc2api_pb2

from pymarl.envs.standin.protocol.protocol_game import ProtocolGame
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import command, create, join

SEEDS = [
    sc2api_pb2.Request(id=5, create_game=create("3m", 1)),
    sc2api_pb2.Request(id=6, join_game=join()),
    sc2api_pb2.Request(id=7, step=sc2api_pb2.RequestStep(count=3)),
    sc2api_pb2.Request(id=8, observation=sc2api_pb2.RequestObservation(game_loop=1)),
    sc2api_pb2.Request(
        id=9,
        action=sc2api_pb2.RequestAction(
            actions=[command(16, [1, 262145], goal=(3, 4)), command(23, [1], target=786433)]
        ),
    ),
    sc2api_pb2.Request(id=10, game_info=sc2api_pb2.RequestGameInfo()),
    sc2api_pb2.Request(id=11, save_replay=sc2api_pb2.RequestSaveReplay()),
]


def check(game, message):
    """One answer that is a response, and whose error, if any, is not ours."""
    response = sc2api_pb2.Response.FromString(game.answer(message))
    assert response.HasField("status")
    assert response.error or response.WhichOneof("response") is not None
    assert not any("the stand-in failed" in error for error in response.error), response.error


def sensible(message):
    """Whether carrying out a mutated message takes no longer than a test may."""
    try:
        request = sc2api_pb2.Request.FromString(message)
    except Exception:
        return True
    return request.WhichOneof("request") != "quit" and request.step.count < 5000


@st.composite
def mutants(draw):
    """Requests with bytes changed, removed, repeated or glued together."""
    data = bytearray(draw(st.sampled_from(SEEDS)).SerializeToString())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from("xidg"))
        if kind == "x" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "i":
            data[at:at] = draw(st.binary(max_size=8))
        elif kind == "d":
            del data[at : at + draw(st.integers(1, 8))]
        else:
            data += draw(st.sampled_from(SEEDS)).SerializeToString()
    return bytes(data)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(mutants(), st.binary(max_size=200)), max_size=8), st.booleans())
def test_mutated_requests_are_answered(messages, joined):
    local = LocalClient()
    if joined:
        local.play("3m", 1)
    for message in messages:
        if sensible(message):
            check(local.game, message)
    check(local.game, sc2api_pb2.Request(ping=sc2api_pb2.RequestPing()).SerializeToString())


TAGS = st.integers(0, 2**64 - 1) | st.integers(0, 7).map(lambda i: i << 18 | 1)
ORDERS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 4, 16, 23, 386, 3665, 3674, 3794, 2**31 - 1, -1]),
        st.lists(TAGS, max_size=3) | st.lists(st.integers(0, 2).map(lambda i: i << 18 | 1)),
        st.none() | TAGS,
        st.none() | st.tuples(st.floats(width=32), st.floats(width=32)),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ORDERS)
def test_any_commands_leave_a_battle_that_can_be_played(orders):
    local = LocalClient().play("3m", 1)
    answers = local.act([command(*order) for order in orders])
    assert len(answers) == len(orders)
    local.step(30)
    for unit in local.units():
        assert 0 <= unit.pos.x <= 32
        assert 0 <= unit.pos.y <= 32
        assert 0 < unit.health <= unit.health_max


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_long_fuzz_leaks_nothing():
    """20,000 mutated requests to one game: no failure, no growth of memory."""
    rng = random.Random(0)
    game = ProtocolGame()
    messages = [seed.SerializeToString() for seed in SEEDS]
    grown = []
    tracemalloc.start()
    for _ in range(10):
        for _ in range(2000):
            data = bytearray(rng.choice(messages))
            for _ in range(rng.randrange(3)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            if sensible(bytes(data)):
                check(game, bytes(data))
        game.answer(messages[0])
        game.answer(messages[1])
        gc.collect()
        grown.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert grown[-1] < grown[1] + 200_000, grown
