"""Random numbers of a batch, in which each row and path has a stream of its own.

A number is a hash of a key and of its place in the stream, as in the counter-based generators of Salmon et
al. (2011) and in SplitMix64 (Steele et al. 2014). So what is drawn for a row depends neither on the rows
beside it nor on how much was drawn for them, and no generator is set up for each of thousands of rows.
Only the last bit may differ, where torch rounds the rows of a remainder in another way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["RandomStreams", "mixed"]

_GOLDEN = -7046029254386353131  # 2⁶⁴ divided by the golden ratio, odd, as a signed number
_FIRST, _SECOND = -4658895280553007687, -7723592293110705685
# At most one gamma or Poisson number in three is rejected: none is left after so many rounds.
_ROUNDS = 64
# Smaller rates are looked for from 0 on.
_SMALL_RATE = 10.0


class RandomStreams:
    """Streams of random numbers, one for each row and path.

    Parameters
    ----------
    keys
        (B,), what tells the rows' streams apart.
    first_path
        Number of the first path: paths that are drawn in several calls get other numbers.

    Examples
    --------
    >>> together = RandomStreams(torch.tensor([7, 8])).normal((2, 3))
    >>> alone = RandomStreams(torch.tensor([8])).normal((1, 3))
    >>> torch.equal(together[1:], alone)
    True
    """

    def __init__(self, keys: Int[Tensor, " B"], *, first_path: int = 0) -> None:
        self.keys = keys
        self.first_path = first_path
        self.place = 0  # in all streams

    def normal(self, shape: tuple[int, ...] | torch.Size) -> Float[Tensor, "..."]:
        """Draw standard normal numbers, (B, Q, …), float32."""
        return _normal(self._bits(shape))

    def uniform(self, shape: tuple[int, ...] | torch.Size) -> Float[Tensor, "..."]:
        """Draw numbers between 0 and 1, (B, Q, …), float64."""
        return _uniform(self._bits(shape))

    def gamma(self, shape: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Draw gamma numbers of a scale of 1, by rejection (Marsaglia and Tsang 2000).

        Parameters
        ----------
        shape
            (B, Q, …), the parameter of that name, above 0.
        """
        keys = self._bits(shape.shape).flatten()
        wanted = shape.double().flatten()
        large = torch.where(wanted < 1, wanted + 1, wanted)
        d = large - 1 / 3
        drawn, open_ = d.clone(), torch.arange(len(d), device=d.device)
        for turn in range(_ROUNDS):
            if not len(open_):
                break
            key, middle = keys[open_], d[open_]
            x = _normal(_further(key, 2 * turn + 1)).double()
            v = (1 + x / (9 * middle).sqrt()) ** 3
            bound = 0.5 * x.square() + middle - middle * v + middle * v.clamp(min=1e-300).log()
            accepted = (v > 0) & (_uniform(_further(key, 2 * turn + 2)).log() < bound)
            drawn[open_[accepted]] = (middle * v)[accepted]
            open_ = open_[~accepted]
        power = _uniform(mixed(keys)) ** (1 / wanted)
        return torch.where(wanted < 1, drawn * power, drawn).to(shape.dtype).reshape(shape.shape)

    def poisson(self, rate: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Draw Poisson numbers of some rates, (B, Q, …), at least 0."""
        keys, rates = self._bits(rate.shape).flatten(), rate.double().flatten()
        drawn, small = torch.zeros_like(rates), rates < _SMALL_RATE
        drawn[small] = _poisson_by_search(keys[small], rates[small])
        drawn[~small] = _poisson_by_rejection(keys[~small], rates[~small])
        return drawn.to(rate.dtype).reshape(rate.shape)

    def generators(self) -> Iterator[torch.Generator]:
        """Return a generator for each row, for draws that take one."""
        for seed in self._bits((len(self.keys), 1))[:, 0].tolist():
            yield torch.Generator(self.keys.device).manual_seed(seed & (2**63 - 1))

    def _bits(self, shape: tuple[int, ...] | torch.Size) -> Int[Tensor, "..."]:
        """Return 64 random bits for each place of a shape (B, Q, …), and go on by as many."""
        rows, paths, *rest = shape if len(shape) > 1 else (*shape, 1)
        count = math.prod(rest)
        device = self.keys.device
        path = torch.arange(self.first_path, self.first_path + paths, device=device)
        place = torch.arange(self.place, self.place + count, device=device)
        self.place += count
        streams = mixed(self.keys[:rows, None] + (path + 1) * _GOLDEN)
        return mixed(streams[:, :, None] + (place + 1) * _GOLDEN).reshape(shape)


def mixed(bits: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """Return a hash of 64 bits: SplitMix64's, in which each bit depends on all."""
    bits = (bits ^ _shifted(bits, 30)) * _FIRST
    bits = (bits ^ _shifted(bits, 27)) * _SECOND
    return bits ^ _shifted(bits, 31)


def _further(keys: Tensor, number: int) -> Tensor:
    """Return the bits of some number of further streams, one for each key."""
    step = (number * _GOLDEN + 2**63) % 2**64 - 2**63  # the product of tensors would wrap round as well
    return mixed(keys + step)


def _shifted(bits: Tensor, by: int) -> Tensor:
    # torch shifts the sign in from the left
    return (bits >> by) & ((1 << (64 - by)) - 1)


def _uniform(bits: Tensor) -> Tensor:
    return (_shifted(bits, 11).double() + 0.5) * 2.0**-53


def _normal(bits: Tensor) -> Tensor:
    """Return standard normal numbers from halves of the bits (Box and Muller 1958)."""
    radius = (-2 * ((_shifted(bits, 32).float() + 0.5) * 2.0**-32).log()).sqrt()
    return radius * ((bits & 0xFFFFFFFF).float() * (2 * math.pi * 2.0**-32)).cos()


def _poisson_by_search(keys: Tensor, rates: Tensor) -> Tensor:
    """Return the first number whose distribution function reaches a uniform one."""
    share, count = _uniform(mixed(keys)), torch.zeros_like(rates)
    mass = (-rates).exp()
    reached = mass.clone()
    for number in range(1, 100):
        above = share > reached
        if not bool(above.any()):
            break
        count += above
        mass = mass * rates / number
        reached += mass
    return count


def _poisson_by_rejection(keys: Tensor, rates: Tensor) -> Tensor:
    """Return Poisson numbers by transformed rejection (Hörmann 1993, PTRS); for rates from 10 on."""
    b = 0.931 + 2.53 * rates.sqrt()
    a = -0.059 + 0.02483 * b
    inverse_alpha, v_r = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)
    drawn, open_ = rates.round(), torch.arange(len(rates), device=rates.device)
    for turn in range(_ROUNDS):
        if not len(open_):
            break
        key, rate, own_a, own_b = keys[open_], rates[open_], a[open_], b[open_]
        u = _uniform(_further(key, 2 * turn + 1)) - 0.5
        v = _uniform(_further(key, 2 * turn + 2))
        edge = 0.5 - u.abs()
        k = ((2 * own_a / edge + own_b) * u + rate + 0.43).floor()
        quick = (edge >= 0.07) & (v <= v_r[open_])
        possible = (k >= 0) & ((edge >= 0.013) | (v <= edge))
        left = v.log() + inverse_alpha[open_].log() - (own_a / edge.square() + own_b).log()
        exact = left <= k * rate.log() - rate - torch.lgamma(k.clamp(min=0) + 1)
        accepted = quick | (possible & exact)
        drawn[open_[accepted]] = k[accepted]
        open_ = open_[~accepted]
    return drawn
