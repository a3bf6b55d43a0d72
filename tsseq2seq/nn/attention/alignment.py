"""Local attention: an alignment says near which place of the memory each decoder step looks.

To add one, derive from :class:`Alignment` and give the class a name; ``Network(attention_alignment=…)`` then
chooses it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.registry import Registry

__all__ = ["ALIGNMENTS", "WINDOW", "Alignment", "MonotonicAlignment", "PredictedAlignment"]

#: The alignments that ``Network(attention_alignment=…)`` chooses among.
ALIGNMENTS: Registry[type[Alignment]] = Registry("attention_alignment")

#: The window that is meant where a network leaves it open (Luong et al. 2015, section 4).
WINDOW = 10


class Alignment(nn.Module, ABC):
    """Limit the attention of each decoder step to a window of places around its centre.

    Parameters
    ----------
    query_size
        Width of the decoder's states.
    window
        Places on each side of the centre that may be attended to.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> Network(attention="dot", attention_alignment="monotonic", attention_window=3).attention_window
    3
    >>> sorted(ALIGNMENTS)
    ['monotonic', 'predicted']
    """

    #: Whether it also adds numbers to the attention's scores.
    adds_bias: ClassVar[bool] = False

    def __init__(self, *, query_size: int, window: int = WINDOW) -> None:
        super().__init__()
        self.query_size = query_size
        self.window = window

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            ALIGNMENTS.add(name, cls)

    @abstractmethod
    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        t: int | Int[Tensor, " Q"],
        mask: Bool[Tensor, "B #Q S"] | None,
        places: int,
    ) -> tuple[Bool[Tensor, "B #Q S"], Float[Tensor, "B Q S"] | None]:
        """Return where the attention may look.

        Parameters
        ----------
        query
            Decoder states, the attention's queries.
        t
            The decoder step; one for all queries, or one for each.
        mask
            True at valid places. None: all are valid.
        places
            Number of places of the memory, S.

        Returns
        -------
        mask
            True at valid places within the window.
        bias
            What is added to the scores; None for nothing.
        """


class MonotonicAlignment(Alignment, name="monotonic"):
    """Decoder step t looks around place t ("local-m"); beyond a source's end there is nothing to see.

    It suits sources and targets that advance together, place by place.

    References
    ----------
    Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015, section 3.2.

    Examples
    --------
    >>> alignment = MonotonicAlignment(query_size=4, window=1)
    >>> alignment(torch.zeros(1, 1, 4), 2, None, 5)[0].tolist()
    [[[False, True, True, True, False]]]
    """

    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        t: int | Int[Tensor, " Q"],
        mask: Bool[Tensor, "B #Q S"] | None,
        places: int,
    ) -> tuple[Bool[Tensor, "B #Q S"], None]:
        """Return the valid places that are at most ``window`` from ``t``."""
        distance = torch.arange(places, device=query.device) - (t if isinstance(t, int) else t[:, None])
        near = (distance.abs() <= self.window).reshape(1, -1, places)
        return (near.expand(len(query), -1, -1) if mask is None else mask & near), None


class PredictedAlignment(Alignment, name="predicted"):
    """Each decoder step predicts its centre p from its state, and looks around it ("local-p").

    p = length · σ(v · tanh(W query)). Within the window a Gaussian around p weighs the places, with a
    standard deviation of half the window; through it p is learned. Its logarithm is added to the scores, so
    that weights add up to 1; those of the paper, multiplied after the softmax, add up to less.

    References
    ----------
    Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015, section 3.2.

    Examples
    --------
    >>> alignment = PredictedAlignment(query_size=4, window=1)
    >>> mask, bias = alignment(torch.zeros(1, 1, 4), 0, None, 5)    # p = 5 · σ(0) = 2.5
    >>> mask.tolist(), bias.tolist()
    ([[[False, False, True, True, False]]], [[[-12.5, -4.5, -0.5, -0.5, -4.5]]])
    """

    adds_bias = True

    def __init__(self, *, query_size: int, window: int = WINDOW) -> None:
        super().__init__(query_size=query_size, window=window)
        self.hidden = nn.Linear(query_size, query_size, bias=False)
        self.centre = nn.Linear(query_size, 1, bias=False)

    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        t: int | Int[Tensor, " Q"],
        mask: Bool[Tensor, "B #Q S"] | None,
        places: int,
    ) -> tuple[Bool[Tensor, "B Q S"], Float[Tensor, "B Q S"]]:
        """Return the valid places that are at most ``window`` from p, and the logarithm of the Gaussian."""
        share = torch.sigmoid(self.centre(torch.tanh(self.hidden(query))))
        share = share.to(torch.promote_types(share.dtype, torch.float32))  # places are counted in it
        length = places if mask is None else mask.sum(-1, keepdim=True)
        distance = torch.arange(places, device=query.device) - length * share
        near = distance.abs() <= self.window
        return near if mask is None else near & mask, -2 * (distance / self.window).square()
