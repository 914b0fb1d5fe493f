"""Finds nothing wrong with any planned run."""

import json
import sys

sys.stdout.write(json.dumps([[] for _ in json.load(sys.stdin)["runs"]]))
