"""The validated, frozen configuration.

Types, ranges and rules across fields live here. All defaults live in YAML, except those of
``env_args``: an environment's constructor has them, too, so they are in the environment's model.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializeAsAny,
    model_validator,
)

from pymarl.config.run_names import RUN_NAME
from pymarl.envs.env_args import EnvArgs
from pymarl.envs.env_info import EnvInfo
from pymarl.errors import EnvError
from pymarl.registries import (
    ACTION_SELECTORS,
    AGENTS,
    CONTROLLERS,
    ENVS,
    LEARNERS,
    RUNNERS,
)
from pymarl.utils.registry import Registry
from pymarl.utils.validation import Keys

Steps = Field(ge=1)
Fraction = Field(ge=0.0, le=1.0)
FOLDER_NAME: Final = r"^[A-Za-z0-9_.+-]+$"


def registered(registry: Registry[Any]) -> Any:
    """Return the annotation that accepts the registry's names and lists them for any other."""

    def check(name: str) -> str:
        if problem := registry.problem(name):
            raise ValueError(problem)
        return name

    return AfterValidator(check)


class Config(Keys):
    """One run's configuration (PyMARL's ``args``): every key that any run has.

    Frozen; unknown keys are refused. What only a started run knows is no key: the environment's
    sizes and the device. ``with_env_info`` joins the sizes to the keys, so that networks read
    ``args.n_agents`` as in PyMARL.

    Attributes:
        HAS_GREEDY_VALUE: whether the learner's networks give the value of the greedy policy.
        device: where networks compute; chosen from ``use_cuda`` when a run starts.
        env_info: the environment's sizes, or None before there is an environment.
    """

    HAS_GREEDY_VALUE: ClassVar[bool] = False

    name: str = Field(min_length=1, pattern=RUN_NAME)
    runner: Annotated[str, registered(RUNNERS)]
    mac: Annotated[str, registered(CONTROLLERS)]
    agent: Annotated[str, registered(AGENTS)]
    env: Annotated[str, registered(ENVS)]
    env_args: SerializeAsAny[EnvArgs]
    batch_size_run: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**32)
    experiment: str = Field(pattern=FOLDER_NAME)
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
    use_wandb: bool
    use_trackio: bool
    tracker_project: str
    wandb_mode: Literal["auto", "online", "offline"]
    wandb_entity: str
    save_model: bool
    save_model_interval: int = Steps
    checkpoint_interval: int = Steps
    checkpoint_path: str
    load_step: int = Field(ge=0)
    evaluate: bool
    save_replay: bool
    td_residual: bool

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

    learner: Annotated[str, registered(LEARNERS)]
    agent_output_type: Literal["q", "pi_logits"]
    mask_before_softmax: bool
    action_selector: Annotated[str, registered(ACTION_SELECTORS)]
    epsilon_start: float = Fraction
    epsilon_finish: float = Fraction
    epsilon_anneal_time: int = Field(ge=1)

    device: str = Field(default="cpu", exclude=True)
    env_info: EnvInfo | None = Field(default=None, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_a_run_finds_out(cls, values: Any) -> Any:
        """Keep the device and the environment's sizes out of configurations."""
        if not isinstance(values, dict):
            return values
        if "device" in values:
            raise ValueError("device: is chosen by use_cuda and cannot be configured")
        taken = sorted(set(values) & {"env_info", *EnvInfo._fields})
        if taken:
            raise ValueError(
                f"{taken[0]}: is found out from the environment and cannot be configured"
            )
        return values

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        """Check the rules that join several keys."""
        if not re.fullmatch(FOLDER_NAME, self.map_name):
            raise ValueError(
                f"env_args.map_name={self.map_name!r}: is the name of a folder; use letters, "
                "digits and _ . + - (env_args.map_file may be any file)"
            )
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
        self._check_td_residual()
        return self

    def _check_td_residual(self) -> None:
        """Check that there is a value of the policy that is played, and that it is played."""
        if not self.td_residual:
            return
        if not self.HAS_GREEDY_VALUE:
            raise ValueError(
                "td_residual=True: needs agents whose action values give the greedy policy's value "
                f"(IQL, VDN, QMIX), which learner={self.learner} has not"
            )
        if not self.evaluate:
            raise ValueError(
                "td_residual=True: is measured on the episodes of an evaluation; add evaluate=true"
            )
        if not self.test_greedy:
            raise ValueError(
                "td_residual=True: is of the greedy policy, and test_greedy=False plays another; "
                "use test_greedy=true"
            )

    @property
    def evaluates(self) -> bool:
        """Return whether a saved model is played and nothing is trained (PyMARL's rule)."""
        return self.evaluate or self.save_replay

    @property
    def map_name(self) -> str:
        """Return the map (or game) this run plays."""
        return self.env_args.map_name

    def with_env_info(self, env_info: Mapping[str, Any]) -> Self:
        """Return the configuration joined with the sizes that ``get_env_info`` returned."""
        return self.model_copy(update={"env_info": EnvInfo.of(env_info)})

    @property
    def n_agents(self) -> int:
        """Return the number of agents, N."""
        return self.sizes.n_agents

    @property
    def n_actions(self) -> int:
        """Return the number of actions of an agent, A."""
        return self.sizes.n_actions

    @property
    def state_shape(self) -> int:
        """Return the length of the state, S."""
        return self.sizes.state_shape

    @property
    def obs_shape(self) -> int:
        """Return the length of an observation, O."""
        return self.sizes.obs_shape

    @property
    def episode_limit(self) -> int:
        """Return the longest episode in environment steps."""
        return self.sizes.episode_limit

    @property
    def sizes(self) -> EnvInfo:
        """Return the environment's sizes.

        Raises:
            EnvError: they were not joined yet.
        """
        if self.env_info is None:
            raise EnvError(
                "the environment's sizes are not known yet: they are joined to the configuration "
                "by args.with_env_info(env.get_env_info())"
            )
        return self.env_info
