"""The machine's dockerd and base image, and the secrets that no image may hold."""

import os
import secrets
import subprocess

BASE = os.environ.get("BASE_IMAGE", "")
# A text that a user has in the environment and in files that git does not know: it may be nowhere.
MARKER = f"hidden-{secrets.token_hex(8)}"


def docker(*arguments, **options):
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=False, **options
    )


def holds_marker(folder):
    """The files below ``folder`` that hold the marker."""
    done = subprocess.run(
        ["grep", "-rlaF", MARKER, str(folder)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()
