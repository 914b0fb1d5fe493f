"""The learning curves in the browser: what is drawn, shown on hover and saved as CSV."""

import re

import numpy as np
import pytest

from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.stats.curves import iqm_band, mean_band, median_band
from analysis.stats.grid import trailing_mean

pytestmark = pytest.mark.browser


def path_of(page, name: str, alg: str) -> str:
    return page.get_attribute(f"figure[data-map='{name}'] path.curve[data-alg='{alg}']", "d")


def test_structure_and_pending(watched):
    page = watched.page
    assert page.locator("figure").count() == 3
    assert page.inner_text("#backend") == "embedded simulator, engine 1 (not StarCraft II)"
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
            assert (row["backend"], row["engine"]) == ("sim", "1")
    page.select_option("#statistic", "median")
    page.select_option("#smooth", "5")
    for row in watched.csv("#csv-curves"):
        group = groups[row["map"], row["algorithm"]]
        want = np.median(trailing_mean(group.common(), 5)[:, int(row["t_env"]) // 5000])
        assert float(row["test_battle_won_mean_median"]) == pytest.approx(want, abs=2e-4)


def points_of(path: str) -> np.ndarray:
    """(K, 2) corners of an SVG path of straight lines."""
    return np.array([[float(v) for v in p.split()] for p in re.split("[MLZ]", path) if p])


def drawn_rates(path: str) -> np.ndarray:
    """The win rates that a path shows: y runs from 199 (0 %) up to 8 (100 %)."""
    return 1 - (points_of(path)[:, 1] - 8) / (225 - 8 - 26)


@pytest.mark.parametrize("window", [1, 5, 10])
@pytest.mark.parametrize(
    ("statistic", "band_of"), [("median", median_band), ("mean", mean_band), ("iqm", iqm_band)]
)
def test_drawn_curves_and_bands_are_the_statistics(watched, report, statistic, band_of, window):
    page = watched.page
    page.select_option("#statistic", statistic)
    if statistic == "iqm" and window > 1:
        page.select_option("#band", "none")  # the bootstrap band is for unsmoothed curves
    if window > 1:
        page.select_option("#smooth", str(window))
    half_a_pixel_digit = 0.051 / (225 - 8 - 26) + 1 / 6400
    for group in build_groups(load(report.parents[2] / "data" / "demo")):
        if group.n == 0:
            continue
        smooth = trailing_mean(group.common(), window)
        want = band_of(smooth)
        path = path_of(page, group.map, group.label)
        np.testing.assert_allclose(drawn_rates(path), want.center, atol=half_a_pixel_digit)
        np.testing.assert_allclose(points_of(path)[:, 0], 36 + 316 * np.arange(11) / 10, atol=0.051)
        area = f"figure[data-map='{group.map}'] path.area[data-alg='{group.label}']"
        if statistic == "iqm" and window > 1:
            assert page.get_attribute(area, "d") == ""
            continue
        rates = drawn_rates(page.get_attribute(area, "d"))  # along the top, then back
        np.testing.assert_allclose(rates[:11], want.high, atol=half_a_pixel_digit)
        np.testing.assert_allclose(rates[11:], want.low[::-1], atol=half_a_pixel_digit)


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


def test_keyboard(watched):
    page = watched.page
    page.focus("figure[data-map='3m'] svg")
    page.keyboard.press("ArrowRight")
    assert "t_env 5k" in page.inner_text("#tip")
    page.focus("#summary th:first-child")
    page.keyboard.press("Enter")
    assert page.get_attribute("#summary th:first-child", "aria-sort") == "ascending"
