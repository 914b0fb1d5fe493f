"""The hooks of mkdocs.yml: what the site has and the folder docs/ does not.

Pages made here: one for each package (its docstrings), one for each algorithm's configuration, the
report of the live example, and the files of the repository that a page links to.
"""

from pathlib import Path

import generated_pages
import live_example
import repository_links
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the navigation: pages that mkdocs.yml does not name, algorithms, packages."""
    root, docs = repository(config), Path(config.docs_dir)
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    generated_pages.complete_navigation(config.nav, pages)
    training = generated_pages.section(config.nav, "Training")
    training.append({"Each algorithm": generated_pages.algorithms_nav(root)})
    config.nav.append({"API": generated_pages.api_nav(root)})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here and the live example's files."""
    root = repository(config)
    example = live_example.drawn(root)
    made = generated_pages.api_pages(root)
    made |= generated_pages.algorithm_pages(root, {path.stem for path in example.glob("*.svg")})
    written = {file.src_uri: file.content_string for file in files.documentation_pages()}
    made |= repository_links.linked_files(written, root)
    for uri, text in made.items():
        files.append(File.generated(config, uri, content=text))
    for path in sorted(example.iterdir()):
        uri = f"{generated_pages.LIVE}/{path.name}"
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to files of the repository to their pages on the site."""
    return repository_links.rewritten(markdown, page.file.src_uri, repository(config))


def repository(config: MkDocsConfig) -> Path:
    """Return the checkout's folder: the one of mkdocs.yml."""
    return Path(config.config_file_path).parent
