"""The web report in a real browser: Debian's Chromium driven by Playwright.

Skipped with a reason where Chromium or Playwright is missing, except in CI, where that fails.
"""

import csv
import json
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.web.live_server import LiveReport, serve
from tests.analysis import synthetic_runs

pytestmark = pytest.mark.browser


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, but CI must run the browser tests")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("chromium (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright (pip install playwright)")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """results/ of an experiment with battles, pending, running and failed runs."""
    root = tmp_path_factory.mktemp("results")
    runs = root / "runs"
    synthetic_runs.write_grid(runs, ["3m", "3s5z"], ["qmix", "vdn", "iql"], [1, 2, 3])
    synthetic_runs.write_run(runs, "3m", "qmix", 4, state="running")
    synthetic_runs.write_run(runs, "3m", "vdn", 4, state="failed")
    for alg in ("qmix", "vdn"):
        synthetic_runs.write_battles(runs / "demo" / "sim" / "3m" / alg / "seed=1", 1, alg=alg)
    wanted = [
        {"env": "sim", "map": m, "alg": a, "seed": s, "t_max": 50_000, "dir": "-"}
        for m in ("3m", "3s5z", "8m") for a in ("qmix", "vdn", "iql") for s in (1, 2, 3, 4)
    ]  # fmt: skip
    synthetic_runs.dump(root / "expected.json", {"experiment": "demo", "runs": wanted})
    args = ["collect", "--runs", runs / "demo", "--expected", root / "expected.json",
            "--out", root / "data" / "demo"]  # fmt: skip
    assert main([str(a) for a in args]) == 0
    out = root / "report" / "demo"
    assert main(["report", "--data", str(root / "data" / "demo"), "--out", str(out)]) == 0
    return out / "index.html"


class Watched:
    """A page that records errors and requests."""

    def __init__(self, browser, url: str, **options):
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("console", self.console)
        self.page.on("dialog", lambda d: (self.errors.append(d.message), d.dismiss()))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(url)

    def console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def csv(self, button: str) -> list[dict[str, str]]:
        with self.page.expect_download() as found:
            self.page.click(button)
        with Path(found.value.path()).open(newline="") as handle:
            return list(csv.DictReader(handle))


@pytest.fixture
def watched(chromium, report):
    w = Watched(chromium, report.as_uri(), viewport={"width": 1200, "height": 900})
    yield w
    w.context.close()
    assert w.errors == []
    outside = [r for r in w.requests if not r.startswith(("file://", "blob:", "data:"))]
    assert outside == []
    assert [r for r in w.requests if r.startswith("file:")] == [report.as_uri()]


def until(page, condition, seconds: float = 20) -> None:
    """Wait for a condition; the page's policy forbids Playwright's wait_for_function (eval)."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        page.wait_for_timeout(50)


def path_of(page, name: str, alg: str) -> str:
    return page.get_attribute(f"figure[data-map='{name}'] path.curve[data-alg='{alg}']", "d")


def test_structure_and_pending(watched):
    page = watched.page
    assert page.locator("figure").count() == 3
    assert page.inner_text("#backend") == "embedded simulator, not StarCraft II"
    assert page.inner_text("#counts") == "18 of 36 runs complete, 16 pending"
    assert "n: QMIX 3 of 4, VDN 3 of 4, IQL 3 of 4" in page.inner_text("figure[data-map='3m']")
    assert "pending: no complete run yet" in page.text_content("figure[data-map='8m'] svg")
    assert page.locator("figure[data-map='3m'] path.part").count() == 2
    assert "failed at t_env" in page.text_content("#notes")


def test_hover_shows_the_numbers_of_the_tables(watched, report):
    page = watched.page
    groups = build_groups(load(report.parents[2] / "data" / "demo"))
    box = page.locator("figure[data-map='3m'] svg").bounding_box()
    x = box["x"] + box["width"] * (36 + (360 - 36 - 8) * 0.6) / 360  # t = 30,000
    page.mouse.move(x, box["y"] + 60)
    assert "t_env 30k" in page.inner_text("#tip")
    for group in groups:
        if group.map != "3m":
            continue
        q25, mid, q75 = 100 * np.percentile(group.matrix[:, 6], (25, 50, 75))
        row = page.inner_text(f"#tip tr[data-alg='{group.label}']")
        for part in (f"{mid:.1f} %", f"[{q25:.1f} - {q75:.1f}]", "n=3"):
            assert part in row
    page.mouse.move(5, 5)
    assert page.locator("#tip").is_hidden()


def test_statistics_agree_with_python(watched, report):
    """Curves as CSV for every statistic: the page's numbers are analysis' numbers."""
    from analysis.stats.curves import iqm_band, mean_band, median_band
    from analysis.stats.grid import trailing_mean

    page = watched.page
    groups = {(g.map, g.label): g for g in build_groups(load(report.parents[2] / "data" / "demo"))}
    for statistic, band_of in (("median", median_band), ("mean", mean_band), ("iqm", iqm_band)):
        page.select_option("#statistic", statistic)
        rows = watched.csv("#csv-curves")
        assert len(rows) == 6 * 11
        for row in rows:
            group = groups[row["map"], row["algorithm"]]
            k = int(row["t_env"]) // group.interval
            numbers = [
                float(v) for key, v in row.items() if key.startswith(("test_", "low", "high"))
            ]
            want = [b[k] for b in band_of(group.common())]
            np.testing.assert_allclose(numbers, want, atol=2e-4)
            assert row["backend"] == "sim"
    page.select_option("#statistic", "median")
    page.fill("#smooth", "3")
    for row in watched.csv("#csv-curves"):
        group = groups[row["map"], row["algorithm"]]
        want = np.median(trailing_mean(group.common(), 3)[:, int(row["t_env"]) // 5000])
        assert float(row["test_battle_won_mean_median"]) == pytest.approx(want, abs=2e-4)


def test_switches(watched):
    page = watched.page
    before = path_of(page, "3m", "QMIX")
    page.click("#legend button[data-alg='QMIX']")
    assert page.locator("path.curve[data-alg='QMIX']").count() == 0
    assert page.get_attribute("#legend button[data-alg='QMIX']", "aria-pressed") == "false"
    page.click("#legend button[data-alg='QMIX']")
    assert path_of(page, "3m", "QMIX") == before
    page.check("#seeds")
    assert page.locator("figure[data-map='3m'] path.seed").count() == 9
    page.uncheck("#partial")
    assert page.locator("path.part").count() == 0
    page.check("#paper")
    assert page.locator("figure[data-map='3s5z'] circle.paper").count() == 0  # all beyond 50k
    page.select_option("#statistic", "mean")
    assert path_of(page, "3m", "QMIX") != before
    area = page.get_attribute("figure[data-map='3m'] path.area", "d")
    page.select_option("#band", "range")
    assert page.get_attribute("figure[data-map='3m'] path.area", "d") != area
    page.select_option("#metric", "1")
    assert "Test return" in page.inner_text("#stat-note")
    page.select_option("#metric", "0")
    page.select_option("#statistic", "iqm")
    assert page.is_disabled("#smooth")


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
        "20", "20"
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_themes_and_phone_width(chromium, report, scheme, tmp_path):
    w = Watched(chromium, report.as_uri(), color_scheme=scheme,
                viewport={"width": 390, "height": 800})  # fmt: skip
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


def test_keyboard(watched):
    page = watched.page
    page.focus("figure[data-map='3m'] svg")
    page.keyboard.press("ArrowRight")
    assert "t_env 5k" in page.inner_text("#tip")
    page.focus("#summary th:first-child")
    page.keyboard.press("Enter")
    assert page.get_attribute("#summary th:first-child", "aria-sort") == "ascending"


def test_hostile_labels_stay_text(chromium, tmp_path):
    evil = "</script><img src=x onerror=alert(1)>"
    folder = synthetic_runs.write_run(
        tmp_path / "runs", "m", "a", 1,
        config={"name": evil, "env_args": {"map_name": "=1+1" + evil}, "experiment": evil},
        provenance={"git_commit": evil, "packages": {evil: evil}},
    )  # fmt: skip
    battle = synthetic_runs.battle(steps=3, alg=evil)
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
