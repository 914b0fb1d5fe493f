"""The keys of weighted QMIX and QPLEX, beside those of every run (``config/algorithms.py``)."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pymarl.config.algorithms import MixingConfig
from pymarl.config.schema import Config, registered
from pymarl.registries import MIXERS


class WeightedQMIXConfig(MixingConfig):
    """CW-QMIX and OW-QMIX.

    Attributes:
        hysteretic_qmix: the optimistic weighting; else the central one.
        w: alpha of the paper, the weight of what is likely overestimated, in (0, 1].
        central_mixer: ``ff`` or, as on the paper's corridor, ``atten``.
    """

    learner: Literal["max_q_learner"]
    double_q: Literal[True]
    mixer: Annotated[str, registered(MIXERS)]
    hysteretic_qmix: bool
    w: float = Field(gt=0, le=1)
    qmix_loss: float = Field(gt=0)
    central_loss: float = Field(gt=0)
    central_mixer: Literal["ff", "atten"]
    central_mixing_embed_dim: int = Field(ge=1)
    central_rnn_hidden_dim: int = Field(ge=1)
    central_action_embed: Literal[1]

    @model_validator(mode="after")
    def _check_central_mixer(self) -> Self:
        """The attention of ``atten`` comes from a hypernetwork."""
        if self.central_mixer == "atten" and self.hypernet_embed is None:
            raise ValueError(
                "hypernet_embed: missing, and central_mixer=atten needs it; "
                "start from --config=ow_qmix"
            )
        return self


class QPLEXConfig(Config):
    """QPLEX (``dmaq``).

    Attributes:
        num_kernel: K, the number of products whose sum is an advantage's coefficient.
        adv_hypernet_layers: linear layers of each of their networks.
        is_minus_one: lambda - 1 instead of lambda beside the sum of values.
        weighted_head: values are scaled and shifted by the state first.
    """

    HAS_GREEDY_VALUE: ClassVar[bool] = True

    learner: Literal["qplex_learner"]
    agent_output_type: Literal["q"]
    action_selector: Literal["epsilon_greedy"]
    double_q: bool
    mixer: Literal["dmaq"]
    hypernet_embed: int = Field(ge=1)
    adv_hypernet_layers: Literal[1, 2, 3]
    adv_hypernet_embed: int = Field(ge=1)
    num_kernel: int = Field(ge=1)
    is_minus_one: bool
    weighted_head: bool
