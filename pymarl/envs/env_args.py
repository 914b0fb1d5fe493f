"""Arguments of environments: ``env_args`` in the configuration."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError

from pymarl.errors import ConfigError
from pymarl.utils.validation import Keys, problem_lines

MapName = Annotated[str, Field(min_length=1)]


class EnvArgs(Keys):
    """What every environment takes; an environment with more keys has a model of its own.

    The model holds each key's type, range and default, for the configuration and for the
    environment's constructor. Values of other types are refused, see ``Keys``.

    Attributes:
        map_name: the map or task; run folders and figures call it so.
        seed: of the environment's own stream of episodes; None: the run's seed.
    """

    map_name: MapName
    # StarCraft II takes 32 bits, as does ``MultiAgentEnv.reset``.
    seed: int | None = Field(default=None, ge=0, lt=2**32)

    @classmethod
    def parse(cls, env_args: Mapping[str, Any]) -> Self:
        """Return the checked arguments.

        Raises:
            ConfigError: one line per problem: unknown key, wrong type, value out of range.
        """
        try:
            return cls.model_validate(env_args)
        except ValidationError as error:
            lines = problem_lines(error, cls.model_fields, "env_args.")
            raise ConfigError("\n".join(lines)) from error

    def for_run(self, seed: int) -> dict[str, Any]:
        """Return the arguments of the environments of a run.

        Args:
            seed: of the run, for what has none of its own.
        """
        return {**self.model_dump(), "seed": seed if self.seed is None else self.seed}

    def check_available(self) -> None:
        """Check that the environment can be made here; called before a run folder is touched.

        Raises:
            ConfigError: a map, a package or a program is missing; says what to do.
        """
