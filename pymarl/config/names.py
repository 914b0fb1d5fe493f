"""Which names the registries know, so that a configuration is checked without loading torch.

A test keeps these lists and the registries equal. A name is added in two places: here and in the
``REGISTRY`` of its package.
"""

from typing import Any

from pydantic import AfterValidator

from pymarl.utils.suggest import did_you_mean

NAMES: dict[str, list[str]] = {
    "action_selector": ["epsilon_greedy", "multinomial"],
    "agent": ["rnn"],
    "mac": ["basic_mac"],
    "mixer": ["vdn", "qmix"],
}


def known(kind: str) -> Any:
    """Return the annotation that accepts the names of ``kind`` and lists them for any other."""

    def check(name: str) -> str:
        if name not in NAMES[kind]:
            raise ValueError(
                f"{name!r} is unknown; known: {', '.join(NAMES[kind])}"
                f"{did_you_mean(name, NAMES[kind])}"
            )
        return name

    return AfterValidator(check)
