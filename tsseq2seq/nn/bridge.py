"""The bridge: maps the encoder's final state to the decoder's first state."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nests import Nest, map_nest, named_leaves, same_structure

__all__ = ["Bridge"]


class Bridge(nn.Module):
    """Map every part of a recurrent state to another depth and width.

    Of an LSTM both the hidden *and* the cell state are mapped.

    A part of equal width passes unchanged. Otherwise each decoder layer has a linear layer from one width to
    the other, and the decoder's cell brings the result into the range of its states (by a tanh for hidden
    states). A shallower decoder takes the encoder's highest layers; a deeper one repeats the highest layer.

    Parameters
    ----------
    source, target
        A final state of the encoder and a first state of the decoder, with any number of rows: nests of
        (B, 1, L, W) of the same structure. Only their widths and depths are read.
    maps_hidden
        Whether to map the hidden state, the first part. If False, :meth:`forward` takes the decoder's hidden
        state instead.

    Raises
    ------
    TypeError
        If the two states differ in structure.

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
            raise TypeError(
                "the states of encoder and decoder differ in their parts; a bridge needs the same parts"
            )
        self.maps_hidden = maps_hidden
        self.parts: list[str] = []
        for (name, leaf), (_, target_leaf) in zip(named_leaves(source), named_leaves(target), strict=True):
            (depth, width), (layers, target_width) = leaf.shape[2:], target_leaf.shape[2:]
            mapped = width != target_width and (maps_hidden or bool(self.parts))
            linear = [nn.Linear(width, target_width) for _ in range(layers)] if mapped else []
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
        """Map the encoder's final state.

        Parameters
        ----------
        final
            The encoder's state at the last valid step of each row.
        within_range
            Brings a state into the range of the decoder's states; see
            :meth:`~tsseq2seq.nn.cells.RecurrentLayers.within_range`.
        hidden
            The decoder's hidden state before ``within_range``, in place of the encoder's. None: the encoder's
            is mapped.
        """
        if self.passes_through and hidden is None:
            return final
        parts = iter(self.parts)
        state = map_nest(lambda leaf: self._mapped(leaf, next(parts), hidden), final)
        bounded = within_range(state)
        parts = iter(self.parts)

        def bounded_if_mapped(unbounded: Tensor, bounded: Tensor) -> Tensor:
            name = next(parts)
            mapped = len(self._maps(name)) or (hidden is not None and name == self.parts[0])
            return bounded if mapped else unbounded

        return map_nest(bounded_if_mapped, state, bounded)

    def _mapped(
        self, state: Float[Tensor, "B Q L E"], name: str, hidden: Float[Tensor, "B Q M H"] | None
    ) -> Float[Tensor, "B Q M W"]:
        """Return one part of the state with the decoder's layers and width."""
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
