"""The bridge: the encoder's final state becomes the decoder's first, every part of it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nests import Nest, map_nest, named_leaves, same_structure

__all__ = ["Bridge"]


class Bridge(nn.Module):
    """Map a state of one depth and width to another: of an LSTM the hidden *and* the cell state.

    Equal widths pass through unchanged. Where they differ, a linear layer for each decoder layer leads from
    one to the other, and the decoder's cell brings the result into the range of its states (a tanh of
    hidden states). A shallower decoder takes the encoder's highest layers; a deeper one repeats the highest.

    Parameters
    ----------
    source, target
        An encoder's final state and a decoder's first state, of any number of rows: nests of (B, 1, L, W) of
        one structure, from which widths and depths are read.
    maps_hidden
        Whether there is a map for the hidden state, the first part; without one it must be given to
        :meth:`forward`.

    Examples
    --------
    >>> from tsseq2seq.nn.cells import LSTM
    >>> wide, narrow = LSTM(1, 8), LSTM(1, 4, 2)
    >>> rows = torch.zeros(3, 1)
    >>> bridge = Bridge(wide.first_state(rows), narrow.first_state(rows))
    >>> state = bridge(wide.first_state(rows), narrow.within_range)
    >>> state.hidden.shape, state.cell.shape
    (torch.Size([3, 1, 2, 4]), torch.Size([3, 1, 2, 4]))
    """

    def __init__(self, source: Nest, target: Nest, *, maps_hidden: bool = True) -> None:
        super().__init__()
        if not same_structure(source, target):
            raise TypeError("the states of encoder and decoder differ in their parts, so that no bridge fits")
        self.maps_hidden = maps_hidden
        self.parts: list[str] = []
        for (name, one), (_, other) in zip(named_leaves(source), named_leaves(target), strict=True):
            depth, layers = one.shape[2], other.shape[2]
            mapped = one.shape[3] != other.shape[3] and (maps_hidden or bool(self.parts))
            linear = [nn.Linear(one.shape[3], other.shape[3]) for _ in range(layers)] if mapped else []
            self.parts.append(name.replace(".", "_") or "hidden")  # a tensor alone is a hidden state
            self.add_module(self.parts[-1], nn.ModuleList(linear))
        first = max(0, depth - layers)
        self.sources = [min(first + layer, depth - 1) for layer in range(layers)]
        self.passes_through = self.sources == [*range(depth)] and not any(map(self._maps, self.parts))

    def forward(
        self,
        final: Nest,
        within_range: Callable[[Nest], Nest],
        hidden: Float[Tensor, "B Q M H"] | None = None,
    ) -> Nest:
        """Map the encoder's state at the last valid step.

        Parameters
        ----------
        final
            The state.
        within_range
            Brings numbers into the range of the decoder's states; see
            :meth:`~tsseq2seq.nn.cells.RecurrentLayers.within_range`.
        hidden
            Numbers that take the place of the hidden state, where that has no map.
        """
        if self.passes_through and hidden is None:
            return final
        parts = iter(self.parts)
        state = map_nest(lambda leaf: self._moved(leaf, next(parts), hidden), final)
        bounded = within_range(state)
        parts = iter(self.parts)

        def changed(before: Tensor, after: Tensor) -> Tensor:
            name = next(parts)
            new = len(self._maps(name)) or (hidden is not None and name == self.parts[0])
            return after if new else before

        return map_nest(changed, state, bounded)

    def _moved(
        self, state: Float[Tensor, "B Q L E"], name: str, hidden: Float[Tensor, "B Q M H"] | None
    ) -> Float[Tensor, "B Q M W"]:
        """Return one part's layers as the decoder has them."""
        if hidden is not None and name == self.parts[0]:
            return hidden
        layers = [state[:, :, source] for source in self.sources]
        maps = self._maps(name)
        if len(maps):
            layers = [linear(layer) for linear, layer in zip(maps, layers, strict=True)]
        return torch.stack(layers, dim=2)

    def _maps(self, name: str) -> nn.ModuleList:
        maps: nn.ModuleList = getattr(self, name)
        return maps
