"""The built site: what it holds, that it loads nothing from elsewhere, its look in a browser."""

import functools
import http.server
import json
import re
import subprocess
import threading
from html.parser import HTMLParser

import pytest

from tests.analysis.web.browsing import Watched, until
from tests.docs.conftest import ROOT

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
SHOWN = (
    "index",
    "example",
    "training/algorithms",
    "training/algorithm/qmix",
    "api/pymarl.learners",
    "environments/simulator",
    "listings/configs/experiments/learning.yaml",
)


class Loads(HTMLParser):
    """What a page loads by itself; links that a reader may follow are not among it."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in LOADING and values.get(LOADING[tag]):
            self.found.append(values[LOADING[tag]])


def outside(urls):
    return [url for url in urls if re.match(r"(https?:)?//", url)]


def test_pages_and_styles_load_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 80
    assert {
        str(p): found for p in pages if (found := outside(Loads(p.read_text("utf-8")).found))
    } == {}
    for style in site.rglob("*.css"):
        text = style.read_text("utf-8")
        assert outside(re.findall(r"(?:url\(|@import )[\"']?([^\"')]+)", text)) == [], style
    planted = '<a href="https://a.org"></a><script src="//b.org/x.js"></script>'
    assert outside(Loads(planted).found) == ["//b.org/x.js"]


def test_the_search_index_holds_pages_algorithms_and_code(site):
    entries = json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    places = {entry["location"] for entry in entries}
    assert "training/algorithms.html#qtran" in places
    assert "training/algorithm/coma.html" in places
    assert "api/pymarl.modules.mixers.html#pymarl.modules.mixers.qmix.QMixer" in places
    assert {"repository/CONTRIBUTING.html#sizes", "smac_paper/smac_paper.html"} <= places


def test_every_page_of_docs_is_on_the_site_and_its_sources_are_not(site):
    pages = [p.relative_to(ROOT / "docs") for p in (ROOT / "docs").rglob("*.md")]
    assert [p for p in pages if not (site / p.with_suffix(".html")).is_file()] == []
    assert not (site / "hooks").exists()
    assert not (site / "example").exists()


def test_docstrings_are_on_the_api_page(site):
    text = (site / "api" / "pymarl.learners.html").read_text("utf-8")
    assert 'id="pymarl.learners.q_learner.QLearner"' in text
    assert ":meth:" not in text
    assert not list(site.rglob("api/*__main__*"))


def test_the_live_example_says_what_it_is(site):
    report = (site / "demo_report" / "index.html").read_text("utf-8")
    assert "not StarCraft II" in report
    assert "default-src 'none'" in report.replace("&#x27;", "'")
    for alg in ("qmix", "vdn", "iql"):
        assert (site / "demo_report" / f"{alg}.svg").stat().st_size > 10_000


def test_make_docs_serves_on_loopback():
    said = subprocess.run(
        ["make", "-n", "docs", "PORT=8123"], cwd=ROOT, capture_output=True, text=True
    )
    assert '--dev-addr "127.0.0.1:8123"' in said.stdout


@pytest.fixture(scope="module")
def served(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(chromium, served):
    pages = []

    def open_page(name, width=1280, **options):
        watched = Watched(
            chromium, f"{served}/{name}", viewport={"width": width, "height": 900}, **options
        )
        pages.append(watched)
        return watched.page

    yield open_page
    for watched in pages:
        watched.context.close()
        assert watched.errors == []
        assert [r for r in watched.requests if not r.startswith((served, "data:", "blob:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(opened, served, width):
    page = opened("index.html", width)
    for name in SHOWN:
        page.goto(f"{served}/{name}.html")
        inside = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert inside == [width, width], name
        broken = page.evaluate(
            "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        )
        assert broken == [], name


@pytest.mark.browser
def test_the_reader_chooses_the_dark_page(opened):
    page = opened("index.html", color_scheme="light")
    assert page.get_attribute("body", "data-md-color-scheme") == "default"
    page.click("label[title='Switch to light mode']")
    page.click("label[title='Switch to dark mode']")
    until(page, lambda: page.get_attribute("body", "data-md-color-scheme") == "slate")
    page = opened("index.html", color_scheme="dark")
    assert page.get_attribute("body", "data-md-color-scheme") == "slate"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("QMixer", "api/pymarl.modules.mixers.html"),
        ("q_learner", "api/pymarl.learners.html"),
        ("td_lambda", "training/algorithms.html"),
        ("Slurm", "pipeline/cluster.html"),
    ],
)
def test_the_search_finds_code_and_pages(opened, words, place):
    page = opened("index.html")
    # What is typed before the page's script has read the index is not searched for.
    meta = page.locator(".md-search-result__meta")
    until(page, lambda: "Type to start searching" in (meta.text_content() or ""), 60)
    page.locator("input.md-search__input").press_sequentially(words)
    # The list changes while it is typed: one question holds the whole condition.
    found = page.locator(f".md-search-result__link[href*='{place}']")
    until(page, lambda: found.count() > 0, 60)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_example_shows_curves_and_a_battle_that_plays(opened, width):
    page = opened("example.html", width)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("scrollY") == 0  # the frame begins at the battle, the page at its top
    page.locator("iframe").last.scroll_into_view_if_needed()
    report = page.frame_locator("iframe").first
    report.locator("figure[data-map='3m'] path.curve").first.wait_for()
    assert report.locator("figure[data-map='3m'] path.curve").count() == 3
    battle = page.frame_locator("iframe").last
    battle.locator("#viewers canvas").first.wait_for()
    heading = battle.locator("#h-battles")
    until(page, lambda: heading.evaluate("e => e.getBoundingClientRect().top") < 100)
    before = battle.locator("#step-out").inner_text()
    battle.locator("#forward").click()
    until(page, lambda: battle.locator("#step-out").inner_text() != before)
