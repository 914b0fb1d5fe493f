"""The live server without a browser: what it answers, what it refuses."""

import http.client
import json
import threading
import time
from pathlib import Path

import pytest

from analysis.dataset.view.selection import Asked
from analysis.errors import ResultError
from analysis.web.live_server import LiveReport, serve
from tests.analysis import synthetic_runs


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    runs = tmp_path_factory.mktemp("serve") / "runs"
    synthetic_runs.write_run(runs, seed=1)
    synthetic_runs.write_run(runs, seed=2, state="running")
    live, stop, lines = LiveReport([runs], None, []), threading.Event(), []
    thread = threading.Thread(target=serve, args=(live, 0, 0.2, lines.append, stop))
    thread.start()
    deadline = time.monotonic() + 60
    while live.version < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    yield int(lines[0].split(":")[2].split("/")[0])
    stop.set()
    thread.join()


def ask(port: int, path: str, method: str = "GET", host: str | None = None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers={"Host": host} if host else {})
    reply = connection.getresponse()
    return reply.status, reply.read(), reply.headers


def test_page_and_state(port):
    status, body, headers = ask(port, "/")
    assert status == 200
    assert b'data-live="1"' in body
    assert b"connect-src &#x27;self&#x27;" in body
    assert headers["X-Frame-Options"] == "DENY"
    state = json.loads(ask(port, "/state.json")[1])
    assert state == {"version": 1, "summary": "1 of 2 runs complete (1 running)"}
    assert ask(port, "/", "HEAD")[1] == b""


def test_only_named_files_of_found_runs(port):
    assert ask(port, "/runs/0/cout.txt")[1] == b"log\n"
    assert json.loads(ask(port, "/runs/1/config.json")[1])["seed"] == 2  # from work/
    hostile = [
        "/runs/0/info.json",
        "/runs/2/cout.txt",
        "/runs/-1/cout.txt",
        "/runs/%D9%A3/cout.txt",
        "/runs/0/../../etc/passwd",
        "/../etc/passwd",
        "//etc/passwd",
        "/runs/0/%2e%2e/config.json",
        "/runs/" + "9" * 5000 + "/cout.txt",
    ]
    for path in hostile:
        assert ask(port, path)[0] == 404, path


def test_read_only_and_loopback_names_only(port):
    for method in ("POST", "PUT", "DELETE"):
        assert ask(port, "/", method)[0] == 501
    assert ask(port, "/", host="evil.example")[0] == 421
    assert ask(port, "/", host=f"evil.example:{port}")[0] == 421
    assert ask(port, "/", host=f"localhost:{port}")[0] == 200


def test_no_rebuild_without_a_change(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs")
    live = LiveReport([tmp_path / "runs"], None, [])
    assert live.refresh()
    assert not live.refresh()
    synthetic_runs.write_run(tmp_path / "runs", seed=2)
    assert live.refresh()
    assert live.version == 2


def test_no_runs_yet(tmp_path):
    live = LiveReport([tmp_path / "none"], None, [])
    with pytest.raises(ResultError, match="no such folder"):
        live.refresh()
    wanted = [{"env": "sim", "map": "3m", "alg": "qmix", "seed": 1, "t_max": 5, "dir": "x"}]
    synthetic_runs.dump(tmp_path / "e.json", {"experiment": "e", "runs": wanted})
    live = LiveReport([tmp_path / "none"], tmp_path / "e.json", [])
    assert live.refresh()
    assert live.summary == "0 of 1 runs complete (1 pending)"


def test_taken_and_impossible_ports(port):
    live = LiveReport([Path("x")], None, [])
    for number, message in ((port, "in use"), (99999, "outside 0-65535")):
        with pytest.raises(ResultError, match=message):
            serve(live, number, 1.0, print, threading.Event())


def test_labels_and_options_of_what_is_shown(tmp_path):
    for name in ("a", "b"):
        synthetic_runs.write_run(tmp_path / name, seed=1)
    roots = [Path(f"base={tmp_path / 'a'}"), Path(f"tuned={tmp_path / 'b'}")]
    live = LiveReport(roots, None, [], asked=Asked(metric="return", labels=("qmix=Ours",)))
    assert live.refresh()
    page = live.page.decode()
    assert '"label":"Ours [base]"' in page
    assert '"label":"Ours [tuned]"' in page
    assert '"axis":"Test return"' in page
    assert not live.refresh()
    synthetic_runs.write_run(tmp_path / "b", seed=2)
    assert live.refresh()
