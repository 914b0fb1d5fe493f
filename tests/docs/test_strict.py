"""mkdocs.yml's own rules: a page with a broken link or anchor does not build, a good one does."""

import pytest

from tests.docs.conftest import ROOT, mkdocs

OTHER = "# Other\n\n## A `name`: what is it?\n\n## 2_x - y\n"


def built(folder, text):
    """Build a site of two pages by mkdocs.yml's rules, without the pages that hooks make."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(f"# Home\n\n{text}\n")
    (folder / "docs" / "other.md").write_text(OTHER)
    (folder / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nsite_dir: site\nhooks: []\nwatch: []\n"
        "plugins: [search]\nnav: [index.md, other.md]\nextra_css: []\nextra_javascript: []\n"
    )
    return mkdocs("build", "--strict", folder=folder)


def test_good_links_and_githubs_anchors_build(tmp_path):
    done = built(tmp_path, "[a](other.md#a-name-what-is-it) [b](other.md#2_x---y) [c](#home)")
    assert done.returncode == 0, done.stdout
    assert 'id="a-name-what-is-it"' in (tmp_path / "site" / "other.html").read_text()


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("[a](nothing.md)", "'nothing.md', but the target is not found"),
        ("[a](other.md#nothing)", "does not contain an anchor '#nothing'"),
        ("[a](#nothing)", "there is no such anchor on this page"),
        ("[a](../nothing.yaml)", "'../nothing.yaml'"),
        ("[a](/other.md)", "absolute link '/other.md'"),
        ("![a](nothing.png)", "'nothing.png', but the target is not found"),
    ],
)
def test_a_broken_link_fails(tmp_path, planted, said):
    done = built(tmp_path, planted)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Aborted with 1 warnings in strict mode" in done.stdout


def test_a_page_outside_the_navigation_fails(tmp_path):
    assert built(tmp_path, "text").returncode == 0
    (tmp_path / "docs" / "forgotten.md").write_text("# Forgotten\n")
    done = mkdocs("build", "--strict", folder=tmp_path)
    assert done.returncode == 1
    assert "forgotten.md" in done.stdout
