"""Batched environments that are wrong in one way each."""

import numpy as np

from pymarl.envs.env_batch import EnvBatch
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv


class Broken(EnvBatch):
    """Their base, which is right."""

    def __init__(self, n_envs: int) -> None:
        super().__init__(SkirmishEnv, n_envs, {"map_name": "3m", "seed": 5})


class WideObservations(Broken):
    def new_out(self, arrays=None):
        out = super().new_out(arrays)
        return out._replace(obs=out.obs.astype(np.float64))


class OpenActions(Broken):
    def reset(self, mask=None, seeds=None, out=None):
        out = super().reset(mask, seeds, out)
        out.avail[0, 0] = 0
        return out


class TextInfo(Broken):
    def episode_info(self, e):
        return super().episode_info(e) | {"map": "3m"}


class NoNames(Broken):
    def get_env_info(self):
        return {key: value for key, value in super().get_env_info().items() if "_feat" not in key}


class RewardByPlace(Broken):
    def step(self, actions, mask=None, out=None):
        out = super().step(actions, mask, out)
        out.reward[:] += np.arange(self.n_envs)
        return out


class SeedsOfTheFirst(Broken):
    def reset(self, mask=None, seeds=None, out=None):
        return super().reset(mask, None if seeds is None else [seeds[0]] * self.n_envs, out)


class HalfReward(Broken):
    def step(self, actions, mask=None, out=None):
        out = super().step(actions, mask, out)
        out.reward[:] *= 0.5
        return out


class ForgetfulInfo(Broken):
    def episode_info(self, e):
        return {key: value for key, value in super().episode_info(e).items() if key != "timeout"}


class StepsAll(Broken):
    def step(self, actions, mask=None, out=None):
        return super().step(actions, 1 - self._over, out)


class ResetsAll(Broken):
    def reset(self, mask=None, seeds=None, out=None):
        return super().reset(None, seeds and [abs(seed) for seed in seeds], out)


class OwnArrays(Broken):
    def new_out(self, arrays=None):
        return super().new_out()


class FirstArrays(Broken):
    def step(self, actions, mask=None, out=None):
        stepped = super().step(actions, mask)
        if out is not None:
            for one, written in zip(out, stepped, strict=True):
                one[...] = written
        return stepped


class ChecksNothing(Broken):
    def _check(self, e, actions):
        np.clip(actions, 0, 1, out=actions)


class StepsBeforeItChecks(Broken):
    def step(self, actions, mask=None, out=None):
        for e in self._rows(mask):
            super().step(actions, np.arange(self.n_envs) == e, out)
        return self.out


class GoesOnAfterTheEnd(Broken):
    def _check(self, e, actions):
        if self._over[e]:
            self.envs[e].reset(0)
            actions[:] = 1
        self._over[e] = False


class CountsTheFirst(Broken):
    def get_stats(self):
        return self.envs[0].get_stats()


class LateUnits(Broken):
    def write_units(self, mask, units):
        super().write_units(mask, units)
        units[:, 0] += 0.5
