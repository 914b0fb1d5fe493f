"""The page's tables, links, battles, themes and live reload in the browser."""

import json
import threading
import time

import pytest

from analysis.cli import main
from analysis.web.live_server import LiveReport, serve
from tests.analysis import synthetic_battles, synthetic_runs
from tests.analysis.web.browsing import Watched, until

pytestmark = pytest.mark.browser


def test_tables_sort_filter_and_csv(watched):
    page = watched.page
    medians = "#summary tbody td:nth-child(5)"
    page.click("#summary th:has-text('median %')")
    values = [v for v in page.locator(medians).all_inner_texts() if v != "-"]
    assert values == sorted(values, key=float)
    page.click("#summary th:has-text('median %')")
    assert page.get_attribute("#summary th:has-text('median %')", "aria-sort") == "descending"
    rows = watched.csv("#csv-summary")
    assert len(rows) == 9
    numbers = [float(r["median %"]) for r in rows if r["median %"]]
    assert numbers == sorted(numbers, reverse=True)
    page.fill("#filter", "3m pending")
    assert page.locator("#runs tbody tr").count() == 1  # IQL seed 4
    assert [r["status"] for r in watched.csv("#csv-runs")] == ["PENDING"]
    page.fill("#filter", "failed")
    assert "failed at t_env" in page.inner_text("#runs tbody tr")
    page.fill("#filter", "")
    href = page.get_attribute("#runs a:has-text('log')", "href")
    assert href.startswith("../../runs/demo/sim/3m/")
    verdicts = watched.csv("#csv-verdicts")
    assert {v["verdict"] for v in verdicts} == {"INCOMPARABLE"}
    assert "backend sim, reference sc2" in verdicts[0]["why"]


def test_links_lead_to_the_files(watched, report):
    page = watched.page
    hrefs = page.eval_on_selector_all("#runs a", "list => list.map(a => a.getAttribute('href'))")
    assert len(hrefs) == 40
    for href in hrefs:
        assert (report.parent / href.replace("%3D", "=")).is_file()


def test_battle_viewer_plays_and_scrubs(watched):
    page = watched.page
    canvas = page.locator("#viewers canvas")
    assert canvas.get_attribute("data-frame") == "0"
    assert canvas.get_attribute("data-alive") == "3,3"
    assert "0 marine: north" in page.inner_text(".acts")
    empty = canvas.evaluate("c => c.toDataURL()")
    page.fill("#scrub", "40")
    assert canvas.get_attribute("data-alive") == "3,0"
    assert page.inner_text("#step-out") == "40 of 40"
    assert canvas.evaluate("c => c.toDataURL()") != empty
    page.click("#back")
    assert canvas.get_attribute("data-frame") == "39"
    assert "0 marine: attack 0" in page.inner_text(".acts")
    page.fill("#scrub", "0")
    page.select_option("#speed", "8")
    page.click("#play")
    until(page, lambda: int(canvas.get_attribute("data-frame")) > 5)
    page.click("#play")
    assert page.inner_text("#play") == "play"
    stopped = canvas.get_attribute("data-frame")
    page.wait_for_timeout(200)
    assert canvas.get_attribute("data-frame") == stopped
    page.click("#play")
    until(page, lambda: canvas.get_attribute("data-frame") == "40")
    assert page.inner_text("#play") == "play"  # stops at the end
    page.check("#two")
    names = page.locator(".viewer select").evaluate_all(
        "list => list.map(s => s.selectedOptions[0].text)"
    )
    assert "qmix" in names[0]
    assert "vdn" in names[1]  # the second panel takes another algorithm on the same map
    page.fill("#scrub", "20")
    assert page.locator("#viewers canvas").evaluate_all("l => l.map(c => c.dataset.frame)") == [
        "20",
        "20",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_themes_and_phone_width(chromium, report, scheme, tmp_path):
    w = Watched(
        chromium, report.as_uri(), color_scheme=scheme, viewport={"width": 390, "height": 800}
    )
    page = w.page
    assert page.get_attribute("html", "data-theme") == scheme
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") != scheme
    assert page.screenshot(path=tmp_path / "p.png")
    assert w.errors == []
    w.context.close()


def test_hostile_labels_stay_text(chromium, tmp_path):
    evil = "</script><img src=x onerror=alert(1)>"
    folder = synthetic_runs.write_run(
        tmp_path / "runs",
        "m",
        "a",
        1,
        config={"name": evil, "env_args": {"map_name": "=1+1" + evil}, "experiment": evil},
        provenance={"git_commit": evil, "packages": {evil: evil}},
    )
    battle = synthetic_battles.battle(steps=3, alg=evil)
    battle["map"]["name"], battle["action_names"], battle["result"] = evil, [evil] * 9, {evil: evil}
    synthetic_runs.dump(folder / "battles" / "b.json", battle)
    synthetic_runs.write_run(tmp_path / "runs", "m", "a", 2)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    assert main(["report", "--data", str(tmp_path / "d"), "--out", str(tmp_path / "r")]) == 0
    w = Watched(chromium, (tmp_path / "r" / "index.html").as_uri())
    assert w.page.locator("img").count() == 0
    assert "<img src=x" in w.page.inner_text("#charts")
    assert "<img src=x" in w.page.text_content("#provenance")
    assert w.page.locator("#viewers canvas").count() == 1
    rows = w.csv("#csv-summary")
    assert rows[0]["map"].startswith("'=1+1")  # a spreadsheet must not run it
    assert w.errors == []
    w.context.close()


def test_serve_refreshes_by_itself(chromium, tmp_path):
    runs = tmp_path / "runs"
    synthetic_runs.write_run(runs, seed=1)
    live, stop, lines = LiveReport([runs], None, None), threading.Event(), []
    thread = threading.Thread(target=serve, args=(live, 0, 0.2, lines.append, stop))
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while live.version < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        w = Watched(chromium, lines[0].split()[0])
        assert w.page.inner_text("#counts") == "1 of 1 runs complete"
        synthetic_runs.write_run(runs, seed=2)
        until(w.page, lambda: w.page.text_content("#counts").startswith("2 of"))
        assert {r.split("/", 3)[2] for r in w.requests} == {lines[0].split("/")[2]}
        with w.context.expect_page() as opened:
            w.page.click("#runs a:has-text('config')", modifiers=["Control"])
        opened.value.wait_for_load_state()
        assert json.loads(opened.value.inner_text("body"))["name"] == "qmix"
        assert w.errors == []
        w.context.close()
    finally:
        stop.set()
        thread.join()
