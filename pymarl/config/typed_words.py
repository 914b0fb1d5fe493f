"""Words of the command line, read by the type of their key.

YAML reads a bare word as what it looks like: ``4.10`` is the number 4.1, ``7`` a number, ``on`` a
truth value. A key that holds text means the word as it was typed, so it gets that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pymarl.errors import ConfigError
from pymarl.registries import ENVS, LEARNERS
from pymarl.utils.registry import Registry
from pymarl.utils.validation import accepted_types

Tree = dict[str, Any]


def with_typed_words(
    tree: Tree, words: Mapping[str, str], unreadable: Mapping[str, ConfigError]
) -> Tree:
    """Return ``tree`` with the words of text keys as they were typed.

    A key that holds text or null takes what YAML reads as null (``null``, ``None``, ``~`` or
    nothing) as null; one that holds text only takes nothing as the empty text.

    Args:
        tree: the configuration, every word read as YAML; it is changed.
        words: dotted key -> what was typed after ``=``.
        unreadable: the errors of words that YAML cannot read; text keys do not need it.

    Raises:
        ConfigError: one of ``unreadable`` is for a key that does not hold text.
    """
    types = dict(_key_types(tree))
    for dotted, word in words.items():
        accepted = types.get(dotted, frozenset())
        level = tree
        *parents, key = dotted.split(".")
        for parent in parents:
            level = level[parent]
        value = level[key]
        if dotted in unreadable:
            if str not in accepted:
                raise unreadable[dotted]
            level[key] = word
        elif str in accepted and type(value) not in accepted:
            # Only the word "nothing" is left to be refused: a text is not null.
            level[key] = word.strip() if value is not None or not word.strip() else None
    return tree


def _key_types(tree: Tree) -> Iterator[tuple[str, frozenset[type]]]:
    """Yield each dotted key with the types its values may have, where names can be resolved."""
    sections = ((LEARNERS, "", tree), (ENVS, "env_args.", tree.get("env_args")))
    for registry, prefix, section in sections:
        model = _model(registry, tree)
        for key in section if isinstance(section, dict) and model is not None else ():
            field = model.model_fields.get(key)
            if field is not None:
                yield f"{prefix}{key}", accepted_types(field.annotation)


def _model(registry: Registry[Any], tree: Tree) -> Any:
    """Return the model of the keys of what ``tree`` names; None: validation says what is wrong."""
    name = tree.get(registry.key)
    return None if registry.problem(name) else registry.config_of(str(name))
