"""A real browser for tests: Debian's Chromium driven by Playwright.

Skipped with a reason where Chromium or Playwright is missing, except in CI, where that fails. One
fixture for all folders: Playwright runs once in a process.
"""

import os
import shutil

import pytest


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, but CI must run the browser tests")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
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
