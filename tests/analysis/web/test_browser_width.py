"""The page with few maps, other metrics, mixed settings and incomplete runs, in the browser."""

import re

import pytest

from analysis.cli import main
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import RETURN, write_sacred
from tests.analysis.web.browsing import Watched

pytestmark = pytest.mark.browser


def ramp(top, points=21):
    return [top * k / 20 for k in range(points)]


def made(folder, *options):
    """The page of the sacred logs in ``folder``."""
    data, page = folder / "data", folder / "report"
    words = ["import", "--from", "pymarl", folder / "logs", "--out", data]
    assert main([str(w) for w in words]) == 0
    assert main(["report", "--data", str(data), "--out", str(page), *options]) == 0
    return (page / "index.html").as_uri()


@pytest.fixture
def opened(chromium):
    pages = []

    def open_page(url, width=1200):
        watched = Watched(chromium, url, viewport={"width": width, "height": 900})
        pages.append(watched)
        return watched.page

    yield open_page
    for watched in pages:
        watched.context.close()
        assert watched.errors == []


def box_of(page, map_name):
    return page.locator(f"figure[data-map='{map_name}'] svg").bounding_box()


def text_height(page):
    return page.locator("figure svg text").first.bounding_box()["height"]


def test_one_map_uses_the_width_two_share_it_and_text_keeps_its_size(tmp_path, opened):
    write_sacred(tmp_path / "one" / "logs" / "1", ramp(0.9))
    for name in ("3m", "8m"):
        config = {"env_args": {"map_name": name}}
        write_sacred(tmp_path / "two" / "logs" / name, ramp(0.9), config)
    page = opened(made(tmp_path / "one"))
    box = box_of(page, "3m")
    assert box["width"] > 1100
    assert 250 <= box["height"] <= 450
    one_text = text_height(page)
    # The curve ends at the right edge: 20 intervals over the whole width.
    path = page.get_attribute("figure[data-map='3m'] path.curve", "d")
    view = page.get_attribute("figure[data-map='3m'] svg", "viewBox").split()
    last = [float(v) for v in re.findall(r"[\d.]+", path)][-2:]
    assert last[0] == pytest.approx(float(view[2]) - 8, abs=0.1)
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_timeout(200)
    assert 600 < box_of(page, "3m")["width"] < 700
    page.set_viewport_size({"width": 360, "height": 900})
    page.wait_for_timeout(200)
    assert box_of(page, "3m")["width"] < 360
    page = opened(made(tmp_path / "two"))
    assert [500 < box_of(page, name)["width"] < 620 for name in ("3m", "8m")] == [True, True]
    assert box_of(page, "3m")["y"] == box_of(page, "8m")["y"]
    assert text_height(page) == pytest.approx(one_text, abs=1)


def test_returns_on_the_page(tmp_path, opened):
    config = {"env": "gymma", "env_args": {"key": "SimpleSpread"}}
    for seed in (1, 2, 3):
        values = [-90 + 50 * v for v in ramp(1.0)]
        write_sacred(tmp_path / "logs" / str(seed), values, config, (RETURN,))
    page = opened(made(tmp_path))
    assert page.inner_text("#stat-note").startswith("Test return: median over complete runs")
    ticks = page.locator("figure svg text[text-anchor='end']").all_text_contents()
    assert {"-90", "-80", "-70", "-60", "-50", "-40"} <= set(ticks)
    box = box_of(page, "SimpleSpread")
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 60)
    assert "-40.0" in page.inner_text("#tip")
    assert page.is_hidden("#paper-label")
    assert "median" in page.inner_text("#summary th:nth-child(5)")
    assert "%" not in page.inner_text("#summary th:nth-child(5)")


def test_mixed_settings_and_incomplete_runs_are_marked(tmp_path, opened):
    for seed, lr, points in ((1, 0.1, 21), (2, 0.2, 21), (3, 0.1, 13)):
        config = {"lr": lr, "seed": seed, "t_max": 200_000}
        write_sacred(tmp_path / "logs" / str(seed), ramp(0.9, points), config)
    page = opened(made(tmp_path, "--include-incomplete"))
    assert "QMIX (n=3, 1 incomplete, mixed settings)" in page.inner_text("#legend")
    assert "Pooled settings. QMIX: different lr 0.1, 0.2" in page.inner_text("figure figcaption")
    assert "2 different lr (0.1, 0.2); pooled" in page.inner_text("#notes")
    assert page.locator("path.curve").count() == 2  # to where the first run ended, and on, dashed
    assert page.locator("path.curve.short").count() == 1
    assert page.locator("path.part").count() == 0
    split = opened(made(tmp_path, "--split", "lr", "--until", "120000"))
    assert split.inner_text("#counts") == "3 of 3 runs complete"
    assert "Everything is cut at 120k env steps" in split.inner_text("#stat-note")
    assert split.locator("#legend button").all_inner_texts() == [
        "QMIX [lr=0.1] (n=2)",
        "QMIX [lr=0.2] (n=1)",
    ]
    assert "mixed" not in split.inner_text("#legend")


def test_a_map_without_curves_says_why(tmp_path, opened):
    write_sacred(tmp_path / "logs" / "1", ramp(0.9))
    other = {"env_args": {"map_name": "8m"}, "t_max": 10**6}
    write_sacred(tmp_path / "logs" / "2", ramp(0.9), other)
    page = opened(made(tmp_path))
    lines = page.locator("figure[data-map='8m'] svg text[text-anchor='middle']")
    said = " ".join(t for t in lines.all_text_contents() if not t[0].isdigit() or " " in t)
    assert "no complete run of 1: 21 evaluations, last at t_env 200037 of 1000000" in said
    box = box_of(page, "8m")
    assert all(lines.nth(i).bounding_box()["x"] > box["x"] for i in range(lines.count()))


def test_pending_runs_are_still_called_pending(tmp_path, opened):
    wanted = [{"env": "sim", "map": "3m", "alg": "qmix", "seed": 1, "t_max": 50_000, "dir": "-"}]
    expected = tmp_path / "expected.json"
    synthetic_runs.dump(expected, {"experiment": "demo", "runs": wanted})
    words = ["collect", "--runs", tmp_path / "none", "--expected", expected, "--out", tmp_path]
    assert main([str(w) for w in words]) == 0
    assert main(["report", "--data", str(tmp_path), "--out", str(tmp_path / "r")]) == 0
    page = opened((tmp_path / "r" / "index.html").as_uri())
    assert "pending: no complete run yet" in page.text_content("figure svg")
