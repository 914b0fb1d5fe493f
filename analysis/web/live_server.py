"""Watch a running experiment: rebuild the report when run folders change; loopback, read only.

The server knows three kinds of address: ``/`` (the page), ``/state.json`` (its version), and
``/runs/<n>/<file>`` for a few named files of runs it has itself found. No part of a request is
ever used as a path.
"""

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from analysis.dataset.assemble import summary_line
from analysis.dataset.files import read_bytes
from analysis.dataset.storage import Dataset
from analysis.dataset.view.selection import NOTHING_ASKED, Asked, apply_view
from analysis.errors import ResultError
from analysis.published.reference import ReferenceSet
from analysis.readers.collect import DEFAULTS, CollectOptions, collect_own
from analysis.readers.labelled_paths import split_label
from analysis.readers.own import discover
from analysis.web.page import references_or_none, render
from analysis.web.payload import payload
from analysis.web.run_tables import PAGE_RUN_COLUMNS

FILES = {"cout.txt": "text/plain; charset=utf-8", "config.json": "application/json"}
LOG_BYTES = 2_000_000
WATCHED = (
    "complete.json",
    "info.json",
    "run.json",
    "work/info.json",
    "work/run.json",
    "work/progress.json",
    "work/config.json",
)
WAIT = (
    b"<!doctype html><title>wait</title><meta http-equiv=refresh content=2>"
    b"<p>The first report is being made."
)
logger = logging.getLogger("analysis.serve")


class LiveReport:
    """The current page and its version; rebuilt by :meth:`refresh` when something changed."""

    def __init__(
        self,
        roots: list[Path],
        expected: Path | None,
        references: list[Path] | None,
        options: CollectOptions = DEFAULTS,
        asked: Asked = NOTHING_ASKED,
    ) -> None:
        self.asked = asked
        self.roots, self.options = roots, options._replace(expected=expected)
        self.references: list[ReferenceSet] = references_or_none(references)
        self.version = 0
        self.page = WAIT
        self.folders: list[Path] = []
        self.summary = ""
        self.seen: object = None

    def fingerprint(self) -> object:
        """Names, sizes and times of the files that decide what the page shows."""
        found = []
        for _, root in map(split_label, self.roots):
            for folder in discover(root) if root.is_dir() else []:
                for name in WATCHED:
                    try:
                        info = (folder / name).stat()
                    except OSError:
                        continue
                    found.append((str(folder), name, info.st_size, info.st_mtime_ns))
        return found

    def refresh(self) -> bool:
        """Rebuild if needed; True when the page changed."""
        now = self.fingerprint()
        if now == self.seen:
            return False
        with tempfile.TemporaryDirectory(prefix="analysis-serve-") as name:
            dataset = collect_own(self.roots, Path(name), self.options)
            dataset = apply_view(dataset, self.asked)
            self.folders = [Path(str(p)) for p in dataset.runs["path"]]
            data = payload(dataset, Path(name) / "index.html", self.references)
        relink(data["runs"], dataset)
        self.page = render(data, live=self.version + 1).encode("utf-8")
        self.summary = summary_line(dataset)
        self.seen = now
        self.version += 1
        return True

    def file(self, index: str, name: str) -> bytes | None:
        """The last part of a log or config of the index-th run."""
        if name not in FILES or not (index.isascii() and index.isdigit() and len(index) < 7):
            return None
        if int(index) >= len(self.folders):
            return None
        folder = self.folders[int(index)]
        for path in (folder / name, folder / "work" / name):
            try:
                return read_bytes(path)[-LOG_BYTES:]
            except ResultError:
                continue
        return None

    def answer(self, path: str) -> tuple[int, bytes, str]:
        """Status, body and content type for a request path."""
        parts = path.split("?", 1)[0].split("/")
        if path in ("/", "/index.html"):
            return 200, self.page, "text/html; charset=utf-8"
        if path == "/state.json":
            state = {"version": self.version, "summary": self.summary}
            return 200, json.dumps(state).encode(), "application/json"
        if len(parts) == 4 and parts[1] == "runs":
            data = self.file(parts[2], parts[3])
            if data is not None:
                return 200, data, FILES[parts[3]]
        return 404, b"not found", "text/plain"


def relink(rows: list[list[object]], dataset: Dataset) -> None:
    """Point the page's log and config links at the server's addresses."""
    for i, row in enumerate(rows):
        for offset, name in enumerate(("cout.txt", "config.json")):
            at = len(PAGE_RUN_COLUMNS) + offset
            row[at] = f"runs/{i}/{name}" if row[at] else None


def handler_for(live: LiveReport, hosts: set[str]) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to ``live`` that answers only requests for a loopback host name."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "analysis", ""

        def do_GET(self) -> None:
            if self.headers.get("Host", "") in hosts:
                self.reply(*live.answer(self.path))
            else:  # another name that was made to lead here (DNS rebinding)
                self.reply(421, b"wrong host", "text/plain")

        do_HEAD = do_GET  # noqa: N815 - http.server's name

        def reply(self, code: int, body: bytes, content_type: str) -> None:
            self.send_response(code)
            for key, value in (
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("X-Frame-Options", "DENY"),
            ):
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature is http.server's
            logger.debug(format, *args)

    return Handler


def serve(
    live: LiveReport, port: int, every_s: float, log: Callable[[str], None], stop: threading.Event
) -> None:
    """Serve on 127.0.0.1 until ``stop`` is set; 0 takes a free port.

    Raises:
        ResultError: when the port is taken.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    except (OSError, OverflowError) as err:
        why = err.strerror if isinstance(err, OSError) else "outside 0-65535"
        raise ResultError(f"--port {port}: {why}; --port 0 takes a free one") from err
    number = server.server_address[1]
    hosts = {f"127.0.0.1:{number}", f"localhost:{number}"}
    server.RequestHandlerClass = handler_for(live, hosts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    log(f"http://127.0.0.1:{number}/ (Ctrl-C stops)")
    try:
        while not stop.is_set():
            try:
                if live.refresh():
                    log(f"{time.strftime('%H:%M:%S')} {live.summary}")
            except (ResultError, OSError) as err:
                log(f"waiting: {err}")
            stop.wait(every_s)
    finally:
        server.shutdown()
        server.server_close()
