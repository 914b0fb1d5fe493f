"""Validates an RO-Crate with roc-validator: ``crate_validation.py CONTEXT FOLDER PROFILE...``.

The validator fetches RO-Crate 1.1's JSON-LD context; here it gets CONTEXT, a local file, so that no
network is needed. Prints one line of JSON: the problems of each profile.
"""

import email.message
import io
import json
import sys
import urllib.request
import urllib.response
from pathlib import Path

import requests

URL = "https://w3id.org/ro/crate/1.1/context"
# Version 1.3 of the context, which the library holds, names these otherwise than version 1.1.
BIOSCHEMAS = "https://bioschemas.org"
OF_1_1 = {
    "ComputationalWorkflow": f"{BIOSCHEMAS}/ComputationalWorkflow",
    "FormalParameter": f"{BIOSCHEMAS}/FormalParameter",
    "input": f"{BIOSCHEMAS}/ComputationalWorkflow#input",
    "output": f"{BIOSCHEMAS}/ComputationalWorkflow#output",
}


def serve(context: bytes) -> None:
    """Answer requests for the context; refuse all others."""

    def request(session, method, url, **options):
        if url != URL:
            raise requests.ConnectionError(f"no network in this test: {url}")
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = "application/ld+json"
        answer.raw = io.BytesIO(context)
        answer.url = url
        return answer

    def open_url(opener, url, *arguments, **options):
        if getattr(url, "full_url", url) != URL:
            raise OSError(f"no network in this test: {url}")
        headers = email.message.Message()
        headers["Content-Type"] = "application/ld+json"
        return urllib.response.addinfourl(io.BytesIO(context), headers, URL, 200)

    requests.Session.request = request
    urllib.request.OpenerDirector.open = open_url


def problems(folder: str, profile: str) -> list[str]:
    """What is required and missing."""
    from rocrate_validator import models, services

    settings = services.ValidationSettings(
        rocrate_uri=folder,
        profile_identifier=profile,
        requirement_severity=models.Severity.REQUIRED,
    )
    result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]


if __name__ == "__main__":
    context, folder, *profiles = sys.argv[1:]
    terms = json.loads(Path(context).read_text(encoding="utf-8"))
    serve(json.dumps({"@context": terms["@context"] | OF_1_1}).encode())
    sys.stdout.write(
        json.dumps({profile: problems(folder, profile) for profile in profiles}) + "\n"
    )
