"""Every name that a configuration can hold, and the class it stands for.

Adding an algorithm, a network, a runner or an environment takes one line here and files of its own.
Nothing is imported before it is used. The packages offer their tables under PyMARL's name, as in
``from pymarl.learners import REGISTRY``.
"""

from typing import Any

from pymarl.utils.registry import Registry, RegistryEntry

ENVS: Registry[Any] = Registry(
    "env",
    {
        "sim": RegistryEntry(
            "pymarl.envs.skirmish.skirmish_env:SkirmishEnv",
            "pymarl.envs.smac.args:SmacArgs",
            label="embedded simulator, not StarCraft II",
        ),
        "sc2": RegistryEntry(
            "pymarl.envs.starcraft2.starcraft2_env:StarCraft2Env",
            "pymarl.envs.starcraft2.args:StarCraft2Args",
            label="StarCraft II",
        ),
        "smac": RegistryEntry(
            "pymarl.envs.starcraft2.upstream_smac_env:UpstreamSmacEnv",
            "pymarl.envs.starcraft2.args:UpstreamSmacArgs",
        ),
        "matrix": RegistryEntry(
            "pymarl.envs.matrix:MatrixGame",
            "pymarl.envs.matrix:MatrixArgs",
            label="matrix game, not StarCraft II",
        ),
    },
    config="pymarl.envs.env_args:EnvArgs",
)

RUNNERS: Registry[Any] = Registry(
    "runner",
    {
        "episode": "pymarl.runners.episode_runner:EpisodeRunner",
        "parallel": "pymarl.runners.parallel_runner:ParallelRunner",
        "vector": "pymarl.runners.vector_runner:VectorRunner",
    },
)

CONTROLLERS: Registry[Any] = Registry(
    "mac", {"basic_mac": "pymarl.controllers.basic_controller:BasicMAC"}
)

AGENTS: Registry[Any] = Registry(
    "agent",
    {
        "rnn": "pymarl.modules.agents.rnn_agent:RNNAgent",
        "memoryless": "pymarl.modules.agents.memoryless_agent:MemorylessAgent",
    },
)

ACTION_SELECTORS: Registry[Any] = Registry(
    "action_selector",
    {
        "epsilon_greedy": "pymarl.components.action_selectors:EpsilonGreedyActionSelector",
        "multinomial": "pymarl.components.action_selectors:MultinomialActionSelector",
    },
)

MIXERS: Registry[Any] = Registry(
    "mixer",
    {
        "vdn": "pymarl.modules.mixers.vdn:VDNMixer",
        "qmix": "pymarl.modules.mixers.qmix:QMixer",
        "qatten": "pymarl.modules.mixers.qatten:QattenMixer",
    },
)

LEARNERS: Registry[Any] = Registry(
    "learner",
    {
        "q_learner": RegistryEntry(
            "pymarl.learners.q_learner:QLearner", "pymarl.config.algorithms:QLearnerConfig"
        ),
        "coma_learner": RegistryEntry(
            "pymarl.learners.coma_learner:COMALearner", "pymarl.config.algorithms:COMAConfig"
        ),
        "qtran_learner": RegistryEntry(
            "pymarl.learners.qtran_learner:QTRANLearner", "pymarl.config.algorithms:QTRANConfig"
        ),
        "qplex_learner": RegistryEntry(
            "pymarl.learners.value_methods.qplex_learner:QPLEXLearner",
            "pymarl.config.value_algorithms:QPLEXConfig",
        ),
        "max_q_learner": RegistryEntry(
            "pymarl.learners.value_methods.max_q_learner:MaxQLearner",
            "pymarl.config.value_algorithms:WeightedQMIXConfig",
        ),
    },
    config="pymarl.config.schema:Config",
)
