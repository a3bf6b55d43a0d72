"""Feature layers: what stands between sequences of feature vectors and an encoder."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["FeatureEmbedding", "Standardised"]


class Standardised(nn.Module):
    """Subtract from each feature its mean in training, and divide by its standard deviation there.

    Both are buffers: they move with the module, and are not trained.

    Parameters
    ----------
    mean, std
        (F,), of each feature, such as
        :class:`~tsseq2seq.data.sequences.standardisation.Standardisation` measures them.

    Examples
    --------
    >>> import torch
    >>> Standardised(torch.tensor([1.0]), torch.tensor([2.0]))(torch.tensor([[[5.0], [1.0]]])).flatten()
    tensor([2., 0.])
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Float[Tensor, " F"], std: Float[Tensor, " F"]) -> None:
        super().__init__()
        # its own, so that several networks share no memory
        self.register_buffer("mean", mean.clone())
        self.register_buffer("std", std.clone())

    def forward(self, values: Float[Tensor, "B T F"]) -> Float[Tensor, "B T F"]:
        """Return the standardised vectors."""
        return (values - self.mean) / self.std


class FeatureEmbedding(nn.Module):
    """A linear layer over standardised feature vectors, with dropout.

    It is to features what an embedding is to tokens. Each step is embedded alone, so that padding influences
    no other step.

    Parameters
    ----------
    mean, std
        (F,), mean and standard deviation of each feature in training.
    width
        Width of the embedded vectors.
    dropout
        Probability of zeroing an element of an embedded vector.

    Examples
    --------
    >>> import torch
    >>> embedding = FeatureEmbedding(torch.zeros(3), torch.ones(3), width=4)
    >>> embedding(torch.zeros(2, 5, 3)).shape, embedding.output_size
    (torch.Size([2, 5, 4]), 4)
    """

    def __init__(
        self, mean: Float[Tensor, " F"], std: Float[Tensor, " F"], width: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.standardised = Standardised(mean, std)
        self.linear = nn.Linear(len(mean), width)
        self.dropout = dropout
        self.output_size = width

    def forward(self, values: Float[Tensor, "B T F"]) -> Float[Tensor, "B T W"]:
        """Return the embedded vectors."""
        return functional.dropout(self.linear(self.standardised(values)), self.dropout, self.training)
