"""The keys that single algorithms have, beside those of every run.

``pymarl/registries.py`` says which learner has which.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pymarl.config.schema import Config, registered
from pymarl.registries import MIXERS


class MixingConfig(Config):
    """What the learners of a mixed team value share: their agents' and their mixer's keys."""

    HAS_GREEDY_VALUE: ClassVar[bool] = True
    MIXER_KEYS: ClassVar[dict[str, tuple[str, ...]]] = {
        "qmix": ("mixing_embed_dim", "hypernet_layers", "hypernet_embed"),
        "qatten": (
            "n_attention_head",
            "n_query_embedding_layer1",
            "n_query_embedding_layer2",
            "n_key_embedding_layer1",
            "n_head_embedding_layer1",
            "n_head_embedding_layer2",
            "n_constrant_value",
            "type",
        ),
    }
    """Which keys a mixer needs; of others nothing is known."""

    agent_output_type: Literal["q"]
    action_selector: Literal["epsilon_greedy"]
    mixer: Annotated[str, registered(MIXERS)] | None

    mixing_embed_dim: int | None = Field(default=None, ge=1)
    hypernet_layers: Literal[1, 2] | None = None
    hypernet_embed: int | None = Field(default=None, ge=1)

    n_attention_head: int | None = Field(default=None, ge=1)
    n_query_embedding_layer1: int | None = Field(default=None, ge=1)
    n_query_embedding_layer2: int | None = Field(default=None, ge=1)
    n_key_embedding_layer1: int | None = Field(default=None, ge=1)
    n_head_embedding_layer1: int | None = Field(default=None, ge=1)
    n_head_embedding_layer2: int | None = Field(default=None, ge=1)
    n_constrant_value: int | None = Field(default=None, ge=1)
    type: Literal["weighted", "unweighted"] | None = None

    @model_validator(mode="after")
    def _check_mixer(self) -> Self:
        """A mixing network needs its sizes, and Qatten's fit together."""
        for key in self.MIXER_KEYS.get(self.mixer or "", ()):
            if getattr(self, key) is None:
                raise ValueError(
                    f"{key}: missing, and mixer={self.mixer} needs it; "
                    f"start from --config={self.mixer}"
                )
        if self.mixer == "qatten":
            for one, other, why in (
                ("n_query_embedding_layer2", "n_key_embedding_layer1", "queries meet keys"),
                ("n_head_embedding_layer2", "n_attention_head", "every head has one weight"),
            ):
                if getattr(self, one) != getattr(self, other):
                    raise ValueError(
                        f"{one}={getattr(self, one)} and {other}={getattr(self, other)}: {why}; "
                        "make the two equal"
                    )
        return self


class QLearnerConfig(MixingConfig):
    """IQL, VDN, QMIX and Qatten."""

    learner: Literal["q_learner"]
    double_q: bool


class COMAConfig(Config):
    """COMA. The five keys at the end are PyMARL's; each has one value that does something."""

    learner: Literal["coma_learner"]
    agent_output_type: Literal["pi_logits"]
    action_selector: Literal["multinomial"]
    critic_q_fn: Literal["coma"]
    critic_baseline_fn: Literal["coma"]
    critic_train_mode: Literal["seq"]
    critic_train_reps: Literal[1]
    q_nstep: Literal[0]

    @model_validator(mode="after")
    def _check_on_policy(self) -> Self:
        """An update must see the episodes just played, all of them and once."""
        if not self.batch_size == self.buffer_size == self.batch_size_run:
            raise ValueError(
                f"batch_size={self.batch_size}, buffer_size={self.buffer_size}, "
                f"batch_size_run={self.batch_size_run}: COMA learns on-policy, from the episodes "
                "just played; make the three equal"
            )
        if self.updates_per_rollout > 1:
            raise ValueError(
                f"updates_per_rollout={self.updates_per_rollout}: COMA learns on-policy, "
                "from each rollout once; use 1 (or 0 for none)"
            )
        return self


class QTRANConfig(Config):
    """QTRAN-base."""

    learner: Literal["qtran_learner"]
    agent_output_type: Literal["q"]
    action_selector: Literal["epsilon_greedy"]
    double_q: bool
    mixer: Literal["qtran_base"]
    mixing_embed_dim: int = Field(ge=1)
    qtran_arch: Literal["qtran_paper", "coma_critic"]
    network_size: Literal["small", "big"]
    opt_loss: float = Field(ge=0)
    nopt_min_loss: float = Field(ge=0)

    @model_validator(mode="after")
    def _check_targets(self) -> Self:
        """QTRAN's targets look one step ahead."""
        if self.td_lambda != 0:
            raise ValueError(f"td_lambda={self.td_lambda}: QTRAN has one-step targets; use 0.0")
        return self
