"""Models of keys: which types a key takes, and what a model refuses as readable lines."""

from collections.abc import Iterable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from pymarl.utils.suggest import did_you_mean

_READ_AS: Final[dict[type, str]] = {float: "a number", bool: "a truth value"}


@cache
def accepted_types(annotation: Any) -> frozenset[type]:
    """Return the types of the values that a key with this annotation takes.

    ``Annotated[str, ...] | None``: text and null; ``Literal["a", 1]``: text and whole numbers.
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return accepted_types(parts[0])
    if origin in (Union, UnionType):
        return frozenset().union(*(accepted_types(part) for part in parts))
    if origin is Literal:
        return frozenset(type(part) for part in parts)
    plain = NoneType if annotation is None else origin or annotation
    return frozenset({plain} if isinstance(plain, type) else ())


class Keys(BaseModel):
    """Base of the models of keys: frozen; unknown keys and values of other types are refused.

    One conversion is made, because it cannot go wrong: a whole number for a key that holds text is
    its digits (``difficulty: 7``). Other numbers have lost how they were written (4.10 is 4.1).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers_as_text(cls, values: Any) -> Any:
        """Write whole numbers for text keys as text."""
        if not isinstance(values, dict):
            return values
        return {
            key: str(value) if type(value) is int and cls._holds_text(key) else value
            for key, value in values.items()
        }

    @classmethod
    def _holds_text(cls, key: str) -> bool:
        """Return whether a key takes text and no numbers."""
        field = cls.model_fields.get(key)
        annotation: Any = field.annotation if field is not None else object
        types = accepted_types(annotation)
        return str in types and not types & {int, float}


def problem_lines(error: ValidationError, known: Iterable[str], prefix: str = "") -> list[str]:
    """Return one line per problem: the dotted key, the value and what was expected.

    Args:
        error: of the model.
        known: the model's keys, for guesses.
        prefix: where the model lies in the configuration, as in ``"env_args."``.
    """
    lines = []
    for problem in error.errors():
        key = (prefix + ".".join(str(part) for part in problem["loc"])).rstrip(".")
        type_, value, message = problem["type"], problem.get("input"), problem["msg"]
        if type_ == "missing":
            lines.append(f"{key}: missing; no layer sets it")
        elif type_ == "extra_forbidden":
            lines.append(f"{key}={value!r}: unknown key{did_you_mean(problem['loc'][-1], known)}")
        elif type_ == "value_error":
            text = message.removeprefix("Value error, ")
            lines.append(f"{key}={value!r}: {text}" if problem["loc"] else f"{prefix}{text}")
        elif type_ == "int_type" and isinstance(value, float) and value.is_integer():
            lines.append(f"{key}={value!r}: expected a whole number; write {int(value)}")
        elif type_ == "string_type" and not isinstance(value, list | dict):
            lines.append(f"{key}={value!r}: {_no_text(value)}")
        elif value is None:
            lines.append(f"{key}=None: cannot be null; {message[:1].lower()}{message[1:]}")
        else:
            lines.append(f"{key}={value!r}: {message[:1].lower()}{message[1:]}")
    return lines


def _no_text(value: object) -> str:
    """Return what to do about a value that stands where a text is expected."""
    if value is None:
        return "is a text and cannot be null; the empty text is ''"
    read_as = _READ_AS.get(type(value), type(value).__name__)
    lost = " (4.10 and 4.1 are one number)" if isinstance(value, float) else ""
    return (
        f"is a text, and was read as {read_as}, which does not tell how it was written{lost}; put "
        "it in quotes where it is written"
    )
