"""Pretraining: the settings of a pretraining."""

from __future__ import annotations

from dataclasses import dataclass

from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Pretraining"]


@dataclass(frozen=True)
class Pretraining(Settings):
    """Settings of what the network is trained on.

    Parameters
    ----------
    size
        The network, a key of :data:`~tsseq2seq.forecasting.pretrained_design.PRETRAINED_SIZES`.
    batch_size
        Windows of a batch.
    mixed
        Generated panels that a batch is mixed from.
    windows
        Windows that are cut from each panel.
    shortest_horizon, longest_horizon
        Steps ahead; the horizon of a panel is drawn between them, evenly on a logarithmic scale.
    held_back
        Panels to validate on, a batch of windows of each.
    seed
        Of the series, the windows and the first weights.

    Examples
    --------
    >>> Pretraining(batch_size=128).mixed
    8
    """

    size: str = "small"
    batch_size: int = 256
    mixed: int = 8
    windows: int = 4096
    shortest_horizon: int = 4
    longest_horizon: int = 96
    held_back: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_choice("Pretraining", "size", self.size, PRETRAINED_SIZES)
        for name in ("batch_size", "mixed", "windows", "shortest_horizon", "longest_horizon"):
            check_number("Pretraining", name, getattr(self, name), low=1, integer=True)
        for name in ("held_back", "seed"):
            check_number("Pretraining", name, getattr(self, name), low=0, high=2**31 - 1, integer=True)
