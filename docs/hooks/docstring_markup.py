"""Docstrings as Markdown: Sphinx's roles become code, its ``::`` before a block a colon."""

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod|obj):`[~.]*([^`]+)`")
BLOCK = re.compile(r"(?<=\w)::$", re.MULTILINE)


def as_markdown(docstring: str) -> str:
    """Return a docstring's text in Markdown."""
    return BLOCK.sub(":", ROLE.sub(r"`\1`", docstring))


class DocstringMarkup(griffe.Extension):
    """Called by mkdocstrings for each object that it reads."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring before it is parsed."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
