"""What a pydantic model refuses, as readable lines."""

from collections.abc import Iterable

from pydantic import ValidationError

from pymarl.utils.suggest import did_you_mean


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
        else:
            lines.append(f"{key}={value!r}: {message[:1].lower()}{message[1:]}")
    return lines
