"""The pages that the site has and docs/ does not: links out of docs/, navigation, docstrings."""

import importlib

import pytest
import yaml

from tests.docs.conftest import ROOT

pytestmark = pytest.mark.usefixtures("hooks")


@pytest.fixture
def links(hooks):
    return importlib.import_module("repository_links")


@pytest.fixture
def pages(hooks):
    return importlib.import_module("generated_pages")


@pytest.mark.parametrize(
    ("uri", "link", "new"),
    [
        ("index.md", "../CONTRIBUTING.md#sizes", "repository/CONTRIBUTING.md#sizes"),
        ("training/results.md", "../../Makefile", "../listings/Makefile.md"),
        ("training/results.md", "../../configs/algs/", "../listings/configs/algs.md"),
        ("training/results.md", "runners.md#a", "runners.md#a"),
        ("repository/CONTRIBUTING.md", "docs/environments/maps.md", "../environments/maps.md"),
        ("repository/configs/README.md", "../docs/index.md", "../../index.md"),
        ("index.md", "../nothing.md", "../nothing.md"),  # stays: the strict build names it
        ("index.md", "../../outside.md", "../../outside.md"),
        ("index.md", "https://example.org/x.md", "https://example.org/x.md"),
        ("index.md", "#here", "#here"),
    ],
)
def test_links_lead_to_the_sites_pages(links, uri, link, new):
    assert links.rewritten(f"see [a]({link}).", uri, ROOT) == f"see [a]({new})."


def test_code_is_not_rewritten(links):
    code = "```md\n[a](../CONTRIBUTING.md)\n```\n"
    text = f"[b](../CONTRIBUTING.md)\n\n{code}"
    assert links.rewritten(text, "index.md", ROOT) == f"[b](repository/CONTRIBUTING.md)\n\n{code}"


def test_a_linked_file_and_what_it_links_to_become_pages(links, tmp_path):
    (tmp_path / "A.md").write_text("[b](conf/b.yaml) [c](docs/c.md) [gone](gone.md)")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "b.yaml").write_text("x: 1\n")
    made = links.linked_files({"index.md": "[a](../A.md) [out](../../A.md)"}, tmp_path)
    assert sorted(made) == ["listings/conf/b.yaml.md", "repository/A.md"]
    assert made["listings/conf/b.yaml.md"] == "# `conf/b.yaml`\n\n~~~~{.yaml}\nx: 1\n~~~~\n"


def test_pages_that_the_navigation_forgets_follow_in_their_section(pages):
    nav = [{"Home": "index.md"}, {"Training": [{"A": "training/a.md"}]}]
    pages.complete_navigation(nav, {"index.md", "training/a.md", "training/b.md", "c.md"})
    assert nav == [
        {"Home": "index.md"},
        {"Training": [{"A": "training/a.md"}, "training/b.md"]},
        "c.md",
    ]


def test_every_package_and_every_algorithm_has_a_page(pages):
    names = pages.packages(ROOT)
    assert {"pymarl", "pymarl.envs", "pymarl.envs.smac.rules", "analysis", "workflow"} <= set(names)
    assert list(pages.api_pages(ROOT)) == [f"api/{name}.md" for name in names]
    assert set(pages.leaves(pages.api_nav(ROOT))) == set(pages.api_pages(ROOT))
    assert "::: pymarl.learners.q_learner\n" in pages.api_pages(ROOT)["api/pymarl.learners.md"]
    shipped = {path.stem for path in (ROOT / "configs" / "algs").rglob("*.yaml")}
    made = pages.algorithm_pages(ROOT, {"qmix"})
    assert set(made) == {f"training/algorithm/{name}.md" for name in shipped}
    assert "demo_report/qmix.svg" in made["training/algorithm/qmix.md"]
    assert "images/demo_win_rate.png" in made["training/algorithm/vdn.md"]
    assert "learning_more_win_rate.png" in made["training/algorithm/coma.md"]
    assert "No figure of these settings" in made["training/algorithm/qmix_ft.md"]
    assert "../algorithms.md#iql-vdn-qmix" in made["training/algorithm/vdn_beta.md"]


def test_a_learner_has_one_name_whether_or_not_it_was_imported(pages, monkeypatch):
    target = pages.LEARNERS["q_learner"]
    assert pages.class_name("q_learner") == "pymarl.learners.q_learner.QLearner"
    where = f"{target.__module__}:{target.__qualname__}"
    entry = pages.LEARNERS.entries["q_learner"]._replace(target=where)
    monkeypatch.setitem(pages.LEARNERS.entries, "q_learner", entry)
    assert pages.class_name("q_learner") == "pymarl.learners.q_learner.QLearner"


def test_docstrings_become_markdown(hooks):
    markup = importlib.import_module("docstring_markup")
    given = "See :meth:`train` and :class:`~a.B`. Layout::\n\n    x"
    assert markup.as_markdown(given) == "See `train` and `a.B`. Layout:\n\n    x"


def test_the_example_is_the_demo_experiment(pages):
    demo = yaml.safe_load((ROOT / "configs" / "experiments" / "demo.yaml").read_text("utf-8"))
    assert demo["experiment"] == pages.EXAMPLE
