"""Several small networks of the same layers over one input, computed in one product a layer."""

from collections.abc import Sequence

import torch as th
from torch import nn


def perceptron(inputs: int, width: int, outputs: int, layers: int) -> nn.Module:
    """Return ``layers`` linear layers with ReLU between them; the inner ones have ``width`` units.

    One layer is a plain ``nn.Linear``, so that parameters have the names PyMARL's forks give them.
    """
    if layers == 1:
        return nn.Linear(inputs, outputs)
    parts: list[nn.Module] = []
    for _ in range(layers - 1):
        parts += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, outputs))


def stacked_outputs(networks: Sequence[nn.Module], inputs: th.Tensor) -> th.Tensor:
    """Return the outputs (K, rows, O) of K networks for the same inputs (rows, I).

    Args:
        networks: made by :func:`perceptron` with the same sizes.
        inputs: (rows, I).
    """
    first, *others = zip(*(_linear_layers(network) for network in networks), strict=True)
    weight, bias = (th.cat([getattr(layer, key) for layer in first]) for key in ("weight", "bias"))
    values = nn.functional.linear(inputs, weight, bias)
    values = values.view(len(inputs), len(networks), -1).transpose(0, 1)
    for layers in others:
        weight = th.stack([layer.weight for layer in layers]).transpose(1, 2)
        bias = th.stack([layer.bias for layer in layers]).unsqueeze(1)
        values = th.baddbmm(bias, th.relu(values), weight)
    return values


def _linear_layers(network: nn.Module) -> list[nn.Linear]:
    """Return the linear layers of a perceptron, in order."""
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
