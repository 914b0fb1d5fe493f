"""The files of a checkpoint: atomic, versioned, checksummed, incremental for the replay buffer."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch as th

from pymarl.components.episode_codec import EpisodeTensors
from pymarl.errors import CheckpointError
from pymarl.runs.run_folder import LATEST_CHECKPOINT
from pymarl.utils import atomic

FORMAT = 2  # 1: episodes with all entries, whatever the environment
SEGMENT_EPISODES = 256
StateDict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of consecutive replay episodes, numbered as they were inserted."""

    file: str
    sha256: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class LoadedCheckpoint:
    """A checkpoint that was read and verified in full."""

    state: StateDict
    episodes: dict[int, EpisodeTensors]
    starts: list[dict[str, Any]]
    # All of latest.json, which may be an older program's with fewer entries.
    provenance: dict[str, Any]


class CheckpointStore:
    """A folder with one valid checkpoint: ``latest.json`` names the files that belong to it.

    Episodes are written once, in segments; a save adds the new ones and the (small) state, then
    replaces ``latest.json``, then removes what it no longer names. A kill at any instant leaves the
    old checkpoint or the new one.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is touched."""
        self.folder = folder
        self.segments: list[Segment] = []
        self.starts: list[dict[str, Any]] = []

    def fingerprint(self) -> str | None:
        """Return the fingerprint of the checkpoint's configuration, or None when there is none.

        Raises:
            CheckpointError: ``latest.json`` is there and was not written by this program.
        """
        if not (self.folder / LATEST_CHECKPOINT).is_file():
            return None
        return str(self._latest()["fingerprint"])

    def write(
        self,
        state: StateDict,
        episodes: Sequence[tuple[int, EpisodeTensors]],
        oldest: int,
        provenance: dict[str, Any],
    ) -> None:
        """Save ``state`` and the ``episodes`` (number, episode) that no segment holds yet.

        Args:
            state: tensors and plain data.
            episodes: new episodes with consecutive numbers.
            oldest: number of the oldest episode that is still in the replay buffer.
            provenance: ``fingerprint`` and what else ``latest.json`` should hold.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        new = [entry for entry in episodes if entry[0] >= oldest]
        for start in range(0, len(new), SEGMENT_EPISODES):
            self.segments.append(self._write_segment(new[start : start + SEGMENT_EPISODES]))
        self.segments = [part for part in self.segments if part.first + part.count > oldest]
        blob = _dump(state)
        digest = hashlib.sha256(blob).hexdigest()
        # Named by content: the file that latest.json still names is never overwritten.
        name = f"state-{digest[:16]}.pt"
        atomic.write_bytes(self.folder / name, blob)
        latest = {
            "format": FORMAT,
            "state": {"file": name, "sha256": digest},
            "segments": [_as_dict(part) for part in self.segments],
            "starts": self.starts,
            **provenance,
        }
        atomic.write_json(self.folder / LATEST_CHECKPOINT, latest)
        keep = {LATEST_CHECKPOINT, name, *(part.file for part in self.segments)}
        for path in self.folder.iterdir():
            if path.name not in keep:
                path.unlink()

    def read(self) -> LoadedCheckpoint:
        """Return the checkpoint after checking every file of it.

        Raises:
            CheckpointError: a file is missing, damaged, or of another format; nothing was loaded.
        """
        latest = self._latest()
        try:
            state_entry = latest["state"]
            segments = [Segment(**part) for part in latest["segments"]]
            starts = list(latest["starts"])
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"{self.folder / LATEST_CHECKPOINT}: not a checkpoint of this program ({error!r})"
            ) from error
        blobs = [self._verified(part.file, part.sha256) for part in segments]
        state = self._load(state_entry["file"], state_entry["sha256"])
        episodes: dict[int, EpisodeTensors] = {}
        for part, blob in zip(segments, blobs, strict=True):
            stored = _unstack(_parse(blob, self.folder / part.file))
            episodes |= {part.first + offset: episode for offset, episode in enumerate(stored)}
        self.segments, self.starts = segments, starts
        return LoadedCheckpoint(state, episodes, starts, latest)

    def _latest(self) -> dict[str, Any]:
        """Return ``latest.json``."""
        path = self.folder / LATEST_CHECKPOINT
        try:
            latest = json.loads(path.read_text(encoding="utf-8"))
            version = latest["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"{path}: not a checkpoint of this program ({error!r}). Remove the folder "
                f"{self.folder} to start the run from the beginning."
            ) from error
        if version != FORMAT:
            raise CheckpointError(
                f"{path}: checkpoint format {version!r}, expected {FORMAT}: written by another "
                f"version. Use that version, or remove {self.folder} to start from the beginning."
            )
        return dict(latest)

    def _write_segment(self, entries: Sequence[tuple[int, EpisodeTensors]]) -> Segment:
        """Write one segment file."""
        blob = _dump(_stack([episode for _, episode in entries]))
        digest = hashlib.sha256(blob).hexdigest()
        first = entries[0][0]
        name = f"episodes-{first}-{digest[:8]}.pt"
        atomic.write_bytes(self.folder / name, blob)
        return Segment(name, digest, first, len(entries))

    def _verified(self, name: str, sha256: str) -> bytes:
        """Return a file's bytes when they have the right digest."""
        path = self.folder / Path(name).name
        try:
            blob = path.read_bytes()
        except OSError as error:
            raise CheckpointError(f"{path}: missing from the checkpoint ({error})") from error
        if hashlib.sha256(blob).hexdigest() != sha256:
            raise CheckpointError(
                f"{path}: damaged (wrong SHA-256); nothing was loaded. Restore the file, or remove "
                f"the folder {self.folder} to start the run from the beginning."
            )
        return blob

    def _load(self, name: str, sha256: str) -> StateDict:
        """Return the content of one verified file."""
        return _parse(self._verified(name, sha256), self.folder / name)


def _parse(blob: bytes, path: Path) -> StateDict:
    """Return what :func:`_dump` wrote; no code from the file is run."""
    try:
        content: StateDict = th.load(io.BytesIO(blob), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for content it does not know
        raise CheckpointError(f"{path}: cannot be read ({error})") from error
    return content


def _dump(content: StateDict) -> bytes:
    """Return tensors and plain data as bytes that ``th.load(weights_only=True)`` reads."""
    stream = io.BytesIO()
    th.save(content, stream)
    return stream.getvalue()


def _stack(episodes: Sequence[EpisodeTensors]) -> StateDict:
    """Return episodes as one tensor per entry, end to end, and their lengths."""
    lengths = [len(next(iter(episode.values()))) for episode in episodes]
    entries = {key: th.cat([episode[key] for episode in episodes]) for key in episodes[0]}
    return {"lengths": lengths, "entries": entries}


def _unstack(stacked: StateDict) -> list[EpisodeTensors]:
    """Return the episodes of :func:`_stack`, each with memory of its own."""
    parts = {key: tensor.split(stacked["lengths"]) for key, tensor in stacked["entries"].items()}
    return [
        {key: parts[key][index].clone() for key in parts}
        for index in range(len(stacked["lengths"]))
    ]


def _as_dict(part: Segment) -> dict[str, Any]:
    """Return a segment as plain data."""
    return {"file": part.file, "sha256": part.sha256, "first": part.first, "count": part.count}
