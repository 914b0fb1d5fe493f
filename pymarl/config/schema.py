"""The validated, frozen configuration.

Types, ranges and rules across fields live here; all defaults live in YAML.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from pymarl.config.env_args import ENV_ARGS, EnvArgs
from pymarl.config.names import known

Steps = Field(ge=1)
Fraction = Field(ge=0.0, le=1.0)
NO_RUNTIME_FACT = -1


class RuntimeFacts(BaseModel):
    """What is only known once the environment exists.

    ``run_sequential`` fills it in; it is never configured.
    """

    n_agents: int = Field(default=NO_RUNTIME_FACT, exclude=True)
    n_actions: int = Field(default=NO_RUNTIME_FACT, exclude=True)
    state_shape: int = Field(default=NO_RUNTIME_FACT, exclude=True)
    obs_shape: int = Field(default=NO_RUNTIME_FACT, exclude=True)
    episode_limit: int = Field(default=NO_RUNTIME_FACT, exclude=True)
    device: str = Field(default="cpu", exclude=True)


class Config(RuntimeFacts):
    """One run's configuration (PyMARL's ``args``): every key that any run has.

    Frozen; unknown keys are refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.+-]+$")
    runner: Literal["episode", "parallel", "vector"]
    mac: Annotated[str, known("mac")]
    agent: Annotated[str, known("agent")]
    env: str
    env_args: SerializeAsAny[EnvArgs]
    batch_size_run: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**32)
    experiment: str = Field(pattern=r"^[A-Za-z0-9_.+-]+$")
    label: str
    repeat_id: int
    local_results_path: str = Field(min_length=1)
    run_dir: str

    t_max: int = Steps
    test_nepisode: int = Field(ge=1)
    test_interval: int = Steps
    test_greedy: bool
    log_interval: int = Steps
    runner_log_interval: int = Steps
    learner_log_interval: int = Steps
    updates_per_rollout: int = Field(ge=0)
    env_timeout_s: float = Field(gt=0)

    use_cuda: bool
    deterministic: bool
    buffer_cpu_only: bool
    compact_replay: bool
    fast: bool
    threads: int = Field(ge=1)

    use_csv: bool
    use_tensorboard: bool
    save_model: bool
    save_model_interval: int = Steps
    checkpoint_interval: int = Steps
    checkpoint_path: str
    load_step: int = Field(ge=0)
    evaluate: bool
    save_replay: bool

    gamma: float = Fraction
    batch_size: int = Field(ge=1)
    buffer_size: int = Field(ge=1)
    lr: float = Field(gt=0)
    critic_lr: float = Field(gt=0)
    td_lambda: float = Fraction
    target_update_interval: int = Field(ge=1)
    optimizer: Literal["rmsprop", "adam"]
    optim_alpha: float = Field(ge=0, lt=1)
    optim_eps: float = Field(gt=0)
    grad_norm_clip: float = Field(gt=0)

    rnn_hidden_dim: int = Field(ge=1)
    obs_agent_id: bool
    obs_last_action: bool

    learner: str
    agent_output_type: Literal["q", "pi_logits"]
    mask_before_softmax: bool
    action_selector: Annotated[str, known("action_selector")]
    epsilon_start: float = Fraction
    epsilon_finish: float = Fraction
    epsilon_anneal_time: int = Field(ge=1)

    @model_validator(mode="before")
    @classmethod
    def _refuse_runtime_facts(cls, values: Any) -> Any:
        """Keep runtime facts out of configurations."""
        if not isinstance(values, dict):
            return values
        taken = sorted(set(values) & set(RuntimeFacts.model_fields))
        if taken:
            raise ValueError(
                f"{taken[0]}: is found out from the environment and cannot be configured"
            )
        return values

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        """Check the rules that join several keys."""
        if self.env not in ENV_ARGS:
            raise ValueError(f"env={self.env!r}: unknown environment; known: {', '.join(ENV_ARGS)}")
        if self.runner == "episode" and self.batch_size_run != 1:
            raise ValueError(
                f"batch_size_run={self.batch_size_run}: the episode runner has one environment; "
                "use 1, or runner=vector or runner=parallel"
            )
        if self.batch_size > self.buffer_size:
            raise ValueError(
                f"batch_size={self.batch_size} is larger than buffer_size={self.buffer_size}: "
                "no update could ever run"
            )
        if self.evaluates and not self.checkpoint_path:
            key = "evaluate" if self.evaluate else "save_replay"
            raise ValueError(f"{key}=True needs checkpoint_path=<folder of saved models>")
        return self

    @property
    def evaluates(self) -> bool:
        """Return whether a saved model is played and nothing is trained (PyMARL's rule)."""
        return self.evaluate or self.save_replay

    @property
    def map_name(self) -> str:
        """Return the map (or game) this run plays."""
        return self.env_args.map_name


class QLearnerConfig(Config):
    """IQL, VDN and QMIX."""

    learner: Literal["q_learner"]
    agent_output_type: Literal["q"]
    action_selector: Literal["epsilon_greedy"]
    double_q: bool
    mixer: Annotated[str, known("mixer")] | None
    mixing_embed_dim: int | None = Field(default=None, ge=1)
    hypernet_layers: Literal[1, 2] | None = None
    hypernet_embed: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _check_mixer(self) -> Self:
        """QMIX needs the sizes of its mixing network."""
        if self.mixer == "qmix":
            for key in ("mixing_embed_dim", "hypernet_layers", "hypernet_embed"):
                if getattr(self, key) is None:
                    raise ValueError(
                        f"{key}: missing, and mixer=qmix needs it; start from --config=qmix"
                    )
        return self


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


ALG_CONFIGS: dict[str, type[Config]] = {
    "q_learner": QLearnerConfig,
    "coma_learner": COMAConfig,
    "qtran_learner": QTRANConfig,
}
