"""A page in the browser that remembers its errors and what it asked for."""

import csv
import time
from pathlib import Path


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


def until(page, condition, seconds: float = 20) -> None:
    """Wait for a condition; the page's policy forbids Playwright's wait_for_function (eval)."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        page.wait_for_timeout(50)
