"""What ``render`` shows is the battle's present."""

import numpy as np
import pytest
from PIL import Image

from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv
from pymarl.envs.skirmish.replays.export import write_film
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.errors import EnvError


@pytest.fixture(scope="module")
def env():
    env = SkirmishEnv(map_name="3m")
    env.reset(seed=1)
    return env


def test_text_has_every_living_unit_on_its_cell(env):
    text = env.render("ansi").splitlines()
    table = env.vector.episode_state.table[0]
    x0, y0, _, y1 = (int(bound) for bound in env.map.terrain.playable)
    seen = {}
    for i in reversed(range(6)):
        seen[int(table["x"][i]), int(table["y"][i])] = "012EEE"[i]
    assert set(seen.values()) >= {"0", "E"}
    for (x, y), mark in seen.items():
        assert text[y1 - y0 - 1 - (y - y0)][x - x0] == mark
    assert [line.split()[0] for line in text[-6:]] == ["agent"] * 3 + ["enemy"] * 3
    assert "agent 2 marine" in text[-4]
    assert text[-1].endswith("health 45 shield 0")


def test_the_dead_are_gone(env):
    health = env.vector.episode_state.table["health"][0, 5]
    try:
        env.vector.episode_state.table["health"][0, 5] = 0.0
        assert "enemy 2" not in env.render("ansi")
    finally:
        env.vector.episode_state.table["health"][0, 5] = health


def test_the_picture_has_agents_in_blue_and_enemies_in_red(env):
    frame = env.render("rgb_array")
    x0, y0, x1, y1 = (int(bound) for bound in env.map.terrain.playable)
    assert frame.dtype == np.uint8
    assert frame.shape == (16 * (y1 - y0), 16 * (x1 - x0), 3)
    table = env.vector.episode_state.table[0]
    for i, color in ((0, (66, 133, 244)), (3, (219, 68, 55))):
        column, row = int(16 * (table["x"][i] - x0)), int(16 * (y1 - table["y"][i]))
        assert tuple(frame[row, column]) == color


def test_human_mode_writes_the_text(env, capsys):
    assert env.render() is None
    assert capsys.readouterr().out == env.render("ansi") + "\n"


def test_an_unknown_mode_is_refused(env):
    with pytest.raises(EnvError, match="'window' is unknown; choose one of human, ansi, rgb_array"):
        env.render("window")
    with pytest.raises(EnvError, match="'window'"):
        SkirmishParallelEnv(render_mode="window", map_name="3m")


def test_pettingzoo_renders_in_the_mode_it_was_made_with():
    env = SkirmishParallelEnv(render_mode="ansi", map_name="3m")
    env.reset(seed=1)
    assert env.render().count("marine") == 6
    env.close()


@pytest.fixture(scope="module")
def replay():
    env = SkirmishEnv(map_name="3m")
    env.reset(seed=1)
    for _ in range(3):
        env.step([1, 1, 1])
    return env.replay()


def test_a_film_without_ffmpeg_is_refused_before_anything_is_drawn(replay, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvError, match=r"\.mp4 needs ffmpeg on the PATH; install it or write a"):
        write_film(replay, tmp_path / "battle.mp4")
    with pytest.raises(EnvError, match="unknown kind of film"):
        write_film(replay, tmp_path / "battle.avi")
    assert not list(tmp_path.iterdir())


def test_a_gif_is_written_whole(replay, tmp_path):
    write_film(replay, tmp_path / "battle.gif", every=8)
    with Image.open(tmp_path / "battle.gif") as film:
        # 3 steps of 8 loops and the beginning; equal pictures in a row become one.
        assert 2 <= film.n_frames <= 4
        assert film.format == "GIF"
    assert [path.name for path in tmp_path.iterdir()] == ["battle.gif"]
