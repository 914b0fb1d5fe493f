"""Held-out test episodes: one list for all runs, played in turn, never trained on."""

import pytest

from pymarl.components import seeding
from pymarl.runners.episode_seeds import EpisodeSeeds
from tests.runners.playing import make_runner


def seeds_of(runner, rollouts, test_mode):
    played = []
    real = runner._reset

    def reset(seeds, rows):
        played.extend(seeds)
        real(seeds, rows)

    runner._reset = reset
    for _ in range(rollouts):
        runner.run(test_mode)
    return played


@pytest.mark.parametrize(("name", "B"), [("episode", 1), ("vector", 3), ("parallel", 2)])
def test_every_run_is_tested_on_the_same_episodes_in_turn(name, B):
    expected = seeding.held_out_seeds(4)
    for seed in (1, 2):
        runner = make_runner(name, B, "held_out_tests=4", f"seed={seed}")
        try:
            played = seeds_of(runner, -(-6 // B), test_mode=True)
        finally:
            runner.close_env()
        assert played == (expected * 3)[: len(played)]
        assert len(played) >= 6


def test_without_it_tests_draw_their_own():
    one, two = EpisodeSeeds(1, 0), EpisodeSeeds(2, 0)
    assert one.of(0, True) == seeding.episode_seed(1, seeding.ENV_TEST, 0)
    assert one.of(0, True) != two.of(0, True)


def test_a_longer_list_begins_with_the_shorter_one():
    longer = seeding.held_out_seeds(200)
    assert seeding.held_out_seeds(32) == longer[:32]
    assert len(set(longer)) == 200


def test_training_never_plays_a_held_out_episode(monkeypatch):
    drawn = seeding.episode_seed(1, seeding.ENV_TRAIN, 5)
    monkeypatch.setattr(seeding, "held_out_seeds", lambda count: [drawn, 7][:count])
    assert EpisodeSeeds(1, 0).of(5, False) == drawn
    seeds = EpisodeSeeds(1, 2)
    assert seeds.of(5, False) not in (drawn, 7)
    assert seeds.of(4, False) == seeding.episode_seed(1, seeding.ENV_TRAIN, 4)
    # A training episode that was void is drawn anew, a held-out test stays.
    assert seeds.again(drawn, 1, True) == drawn
    assert seeds.again(drawn, 1, False) != drawn
