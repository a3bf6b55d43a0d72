"""The bridge: the encoder's final state, hidden *and* cell, becomes the decoder's first state."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.recurrent import RecurrentState

__all__ = ["Bridge"]


class Bridge(nn.Module):
    """Map a state of one depth and width to another.

    Equal widths pass through unchanged; unequal ones go through a linear layer for each decoder
    layer, one for the hidden and one for the cell state (the hidden one is followed by tanh, its
    natural range). A shallower decoder takes the encoder's highest layers; a deeper one repeats the
    highest.

    Parameters
    ----------
    encoder_size, encoder_layers
        Width (all directions together) and depth of the state that comes in.
    decoder_size, decoder_layers
        Width and depth of the state that goes out.
    has_cell
        Whether there is a cell state (LSTM).
    maps_hidden
        Whether the hidden state is wanted at all; if not, it comes out as zeros.

    Examples
    --------
    >>> bridge = Bridge(encoder_size=8, encoder_layers=1, decoder_size=4, decoder_layers=2, has_cell=True)
    >>> state = bridge(RecurrentState(torch.zeros(3, 1, 1, 8), torch.zeros(3, 1, 1, 8)))
    >>> state.hidden.shape, state.cell.shape
    (torch.Size([3, 1, 2, 4]), torch.Size([3, 1, 2, 4]))
    """

    def __init__(
        self,
        *,
        encoder_size: int,
        encoder_layers: int,
        decoder_size: int,
        decoder_layers: int,
        has_cell: bool,
        maps_hidden: bool = True,
    ) -> None:
        super().__init__()
        self.decoder_size = decoder_size
        self.maps_hidden = maps_hidden
        first = max(0, encoder_layers - decoder_layers)
        self.sources = [min(first + layer, encoder_layers - 1) for layer in range(decoder_layers)]
        same = encoder_size == decoder_size

        def maps() -> nn.ModuleList:
            return nn.ModuleList([nn.Linear(encoder_size, decoder_size) for _ in range(decoder_layers)])

        self.hidden = nn.ModuleList() if same or not maps_hidden else maps()
        self.cell = maps() if has_cell and not same else nn.ModuleList()

    def forward(self, final: RecurrentState) -> RecurrentState:
        """Map the encoder's state at the last valid step."""
        if self.maps_hidden:
            hidden = self._map(final.hidden, self.hidden)
            hidden = torch.tanh(hidden) if self.hidden else hidden
        else:
            hidden = final.hidden.new_zeros(*final.hidden.shape[:2], len(self.sources), self.decoder_size)
        return RecurrentState(hidden, None if final.cell is None else self._map(final.cell, self.cell))

    def _map(self, state: Float[Tensor, "B Q L E"], maps: nn.ModuleList) -> Float[Tensor, "B Q M D"]:
        layers = [state[:, :, source] for source in self.sources]
        if maps:
            layers = [linear(layer) for linear, layer in zip(maps, layers, strict=True)]
        return torch.stack(layers, dim=2)
