"""Finding packages, game, version and map file; every failure is one line that says what to do."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from pymarl.config.build import resolve
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.args import SmacArgs, SmacKeys
from pymarl.envs.smac.maps.map_spec import load_map, read_map
from pymarl.envs.starcraft2 import requirements
from pymarl.envs.starcraft2.__main__ import main
from pymarl.envs.starcraft2.args import StarCraft2Args
from pymarl.envs.starcraft2.process.installation import find_game, find_map
from pymarl.errors import ConfigError, EnvError, MapError

from .playing import assert_same_episode

MAP = Path("configs/maps/3m.yaml").read_text()


def own_map(folder, extra="", name="mine.yaml"):
    path = folder / name
    path.write_text(MAP.replace("name: 3m", "name: mine") + extra)
    return path


def test_the_game_and_its_version(sc2path):
    for version in (None, "4.10", "4.10.0", "4.10.0.75689"):
        game = find_game(version)
        assert (game.root, game.build) == (sc2path, 75689)
        assert game.executable.is_file()
        assert str(sc2path / "Libs") in game.environment["LD_LIBRARY_PATH"]
    assert find_game("4.10").data_version == "B89B5D6FA7CBF6452E721311BFBC6CB2"
    assert find_game(None).data_version is None
    with pytest.raises(ConfigError, match=r"game_version='4.6.2': not at .*which has build 75689"):
        find_game("4.6.2")


def test_no_game(tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=r"no StarCraft II at SC2PATH=.*--env-config=sim"):
        find_game(None)
    (tmp_path / "nowhere" / "Versions").mkdir(parents=True)
    with pytest.raises(ConfigError, match="holds no Base<build> folder"):
        find_game(None)
    (tmp_path / "nowhere" / "Versions" / "Base75689").mkdir()
    with pytest.raises(ConfigError, match="SC2_x64 is not an executable file"):
        find_game(None)


def test_map_files_are_found_and_hashed(sc2path):
    file = find_map(sc2path, load_map("MarineMicro_MvsM_4"))
    assert file.name == "SMAC_Maps/MarineMicro_MvsM_4.SC2Map"
    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    elsewhere = sc2path / "Maps" / "Own" / "deep"
    elsewhere.mkdir(parents=True, exist_ok=True)
    (elsewhere / "mine.SC2Map").write_bytes(b"x")
    try:
        spec = read_map(own_map(elsewhere))
        assert find_map(sc2path, spec).name == "Own/deep/mine.SC2Map"
    finally:
        (elsewhere / "mine.SC2Map").unlink()
    with pytest.raises(
        ConfigError, match=r"map mine: no file mine.SC2Map .*docs/environments/starcraft2.md"
    ):
        find_map(sc2path, spec)


def test_a_map_of_your_own(sc2path, tmp_path):
    # The stand-in plays a map file of this project in the place of an archive.
    archive = own_map(tmp_path, name="archive.SC2Map")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    section = f"starcraft2:\n  file: archive.SC2Map\n  sha256: {digest.upper()}\n"
    path = own_map(tmp_path, section)
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    env_args = {"map_name": "mine", "map_file": str(path), "step_mul": 4}
    sim, sc2 = SkirmishEnv(**env_args), StarCraft2Env(**env_args)
    try:
        assert_same_episode(sim, sc2, seed=2)
        assert sc2.provenance()["map_sha256"] == digest
        assert sc2.provenance()["map_file"] == "archive.SC2Map"
    finally:
        sc2.close()
    wrong = own_map(tmp_path, section.replace(digest.upper(), "f" * 64), "wrong.yaml")
    with pytest.raises(ConfigError, match=rf"sha256 is {digest}, the map file says ffff"):
        StarCraft2Env(map_name="mine", map_file=str(wrong))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{sha256: abc}", "starcraft2: sha256: expected 64 hexadecimal digits"),
        ("{reset: never}", "starcraft2: reset: unknown value 'never'; known: trigger, restart"),
        ("{fil: x}", "starcraft2: fil: unknown key; known: file, reset, sha256"),
        ("3", "starcraft2: expected a mapping"),
    ],
)
def test_wrong_sections_of_map_files(section, message, tmp_path):
    with pytest.raises(MapError, match=message):
        read_map(own_map(tmp_path, f"starcraft2: {section}\n"))


def test_how_episodes_begin_follows_from_the_agents():
    assert load_map("3m").game.reset == "trigger"
    assert load_map("MarineMicro_MvsM_4").game.reset == "restart"


def test_a_map_with_other_units_is_refused_at_once(sc2path, tmp_path):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    other = tmp_path / "eight.yaml"
    text = MAP.replace("name: 3m", "name: eight").replace("count: 3", "count: 2")
    other.write_text(text + "starcraft2: {file: SMAC_Maps/3m.SC2Map}\n")
    env = StarCraft2Env(map_name="eight", map_file=str(other))
    with pytest.raises(EnvError, match=r"agents \{'marine': 3\}, the map file says \{'marine': 2"):
        env.reset(0)
    assert env.restarts == 0


def test_missing_packages_are_named_with_the_command(monkeypatch, sc2path):
    hidden = {"pysc2", "google.protobuf"}
    found = requirements.is_importable
    monkeypatch.setattr(
        requirements, "is_importable", lambda name: name not in hidden and found(name)
    )
    with pytest.raises(ConfigError, match=r"needs pysc2, protobuf, .*pip install .*pysc2==4.0.0"):
        StarCraft2Args(map_name="3m").check_available()


def test_the_simulator_needs_none_of_them():
    import subprocess

    code = (
        "import sys; from pymarl.envs import REGISTRY; dict(REGISTRY);"
        "bad = {'pysc2', 's2clientprotocol', 'google', 'absl', 'websocket'} & set(sys.modules);"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_configuration_of_the_seed_command(sc2path):
    overrides = ["env_args.map_name=MarineMicro_MvsM_4", "t_max=2050000"]
    config = resolve("qmix", "sc2", overrides)
    assert (config.env, config.t_max, config.env_args.step_mul) == ("sc2", 2_050_000, 8)
    config.env_args.check_available()
    sim = resolve("qmix", "sim", overrides).env_args.model_dump()
    sc2 = config.env_args.model_dump()
    ours = {"game_timeout_s", "max_restarts", "restart_backoff_s", "restart_every", "pipeline"}
    assert {key: value for key, value in sc2.items() if key not in ours} == sim
    upstream = resolve("qmix", "smac", ["env_args.map_name=3m"]).env_args.model_dump()
    # SMAC's environment has neither our keys nor SMACv2's.
    shared = {key: value for key, value in sim.items() if key in SmacKeys.model_fields}
    assert upstream == shared | {"map_name": "3m"}
    assert set(sim) - set(shared) == set(SmacArgs.model_fields) - set(SmacKeys.model_fields)
    with pytest.raises(MapError, match=r"maps whose teams are drawn \(terran_5_vs_5\)"):
        resolve("qmix", "sc2", ["env_args.map_name=terran_5_vs_5"]).env_args.check_available()
    with pytest.raises(ConfigError, match="use env=sim"):
        resolve("qmix", "sc2", ["env_args.action_mask=false"])


def test_the_check_command(sc2path, capsys, monkeypatch):
    assert main(["check", "--map", "2s3z", "--json"]) == 0
    out = capsys.readouterr().out
    assert '"backend": "standin"' in out
    assert '"sc2_build": "4.10.0.75689"' in out
    assert main(["check", "--map", "2s4z"]) == 2
    assert "did you mean" in capsys.readouterr().err
    monkeypatch.setenv("SC2PATH", "/nowhere")
    assert main(["check"]) == 2


def test_the_bench_command(sc2path, capsys):
    assert main(["bench", "--map", "3m", "--steps", "10", "--rounds", "1", "--json"]) == 0
    # Another test of this process may have switched the log lines on.
    out = capsys.readouterr().out
    report = json.loads(out[out.index("{\n") :])
    assert report["backend"] == "standin"
    assert report["sc2"]["steps_per_s"] > 0
    assert 0 < report["sc2"]["waiting_share"] < 1
