"""Verified download of the SMAC paper's raw runs; nothing of it is kept in the repository."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from analysis.dataset.files import write_bytes
from analysis.errors import ResultError

URL = "https://github.com/oxwhirl/smac/releases/download/v1/smac_run_data.json"
SHA256 = "e179ccbd8dae4c08128230fa2ea2a25e0b2aac6a72c67d81290fc33c14602fdb"
SIZE = 2_927_457


def fetch_smac(out: Path, url: str = URL) -> str:
    """Download to ``out`` (a file or a folder) and check size and SHA-256 before writing.

    Raises:
        ResultError: no network, or other bytes than the paper's.
    """
    target = out / "smac_run_data.json" if out.is_dir() or not out.suffix else out
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == SHA256:
        return f"{target}: already there, checksum right"
    if not url.startswith(("https://", "file://")):
        raise ResultError(f"{url}: only https:// addresses are downloaded")
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            data = reply.read(SIZE + 1)
    except (urllib.error.URLError, OSError) as err:
        raise ResultError(f"{url}: {err}; download it by hand to {target}") from err
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ResultError(
            f"{url}: sha256 {found} ({len(data)} bytes), expected {SHA256}; nothing was written"
        )
    write_bytes(target, data)
    return f"{target}: {len(data)} bytes, sha256 verified"
