"""What is trained: a network of labels and its loss, for a class of each sequence or a label of each step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.labelling.crf import LinearChainCRF
from tsseq2seq.labelling.network import LabelNetwork

__all__ = ["ChainModel", "LabelModel", "SequenceModel", "StepModel"]


class LabelModel(nn.Module, ABC):
    """A network with the likelihood of labels under it.

    Parameters
    ----------
    network
        The network.
    """

    #: Whether each step has a label.
    per_step: ClassVar[bool] = True

    def __init__(self, network: LabelNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: TokenBatch, weights: Float[Tensor, " B"]) -> Float[Tensor, ""]:
        """Return the training loss: the mean negative log-likelihood of a label, its sequence weighted."""
        return (self.losses(batch) * weights).sum() / batch.target_lengths.sum()

    def losses(self, batch: TokenBatch) -> Float[Tensor, " B"]:
        """Return the negative log-likelihood of the labels of each sequence."""
        return self.losses_of(self.network(batch.source, batch.source_lengths), batch)

    def judged(self, batch: TokenBatch) -> tuple[Float[Tensor, " B"], Int[Tensor, " B"]]:
        """Return the losses of each sequence, and how many of its labels are predicted."""
        scores = self.network(batch.source, batch.source_lengths)
        hits = (self.best(scores, batch) == batch.target) & batch.target_mask
        return self.losses_of(scores, batch), hits.sum(1)

    @abstractmethod
    def losses_of(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Float[Tensor, " B"]:
        """Return the negative log-likelihood of the labels of each sequence under the network's scores."""

    @abstractmethod
    def best(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Int[Tensor, "B T"]:
        """Return the likeliest labels under the network's scores; at padding they mean nothing."""

    @staticmethod
    @abstractmethod
    def predict(
        models: Sequence[LabelModel], source: Tensor, lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T K"], Int[Tensor, "B T"]]:
        """Return what several models say together: probabilities of the classes, and the likeliest labels.

        Both are of each label of a sequence: T is 1 for a class of the whole.
        """


class SequenceModel(LabelModel):
    """One class for each sequence: softmax over the scores."""

    per_step: ClassVar[bool] = False

    def losses_of(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Float[Tensor, " B"]:
        """Return the cross-entropy of each class."""
        return functional.cross_entropy(scores, batch.target[:, 0], reduction="none")

    def best(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Int[Tensor, "B T"]:
        """Return the likeliest class of each sequence."""
        return scores.argmax(-1, keepdim=True)

    @staticmethod
    def predict(
        models: Sequence[LabelModel], source: Tensor, lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T K"], Int[Tensor, "B T"]]:
        """Return the mean of the models' probabilities, and the likeliest class."""
        probabilities = _mean_probability([model.network(source, lengths) for model in models])[:, None]
        return probabilities, probabilities.argmax(-1)


class StepModel(LabelModel):
    """A label for each step, independent of the others given the sequence: softmax over the scores."""

    def best(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Int[Tensor, "B T"]:
        """Return the likeliest label of each step."""
        return scores.argmax(-1)

    def losses_of(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Float[Tensor, " B"]:
        """Return the sum of the cross-entropies of each sequence's labels."""
        losses = functional.cross_entropy(scores.transpose(1, 2), batch.target, reduction="none")
        return losses.masked_fill(~batch.target_mask, 0.0).sum(1)

    @staticmethod
    def predict(
        models: Sequence[LabelModel], source: Tensor, lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T K"], Int[Tensor, "B T"]]:
        """Return the mean of the models' probabilities, and the likeliest label at each step."""
        probabilities = _mean_probability([model.network(source, lengths) for model in models])
        return probabilities, probabilities.argmax(-1)


class ChainModel(LabelModel):
    """A label for each step, with a conditional random field over neighbouring labels.

    Parameters
    ----------
    network
        The network.
    crf
        The scores of neighbours.
    """

    def __init__(self, network: LabelNetwork, crf: LinearChainCRF) -> None:
        super().__init__(network)
        self.crf = crf

    def best(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Int[Tensor, "B T"]:
        """Return the likeliest path of each sequence."""
        return self.crf.best_path(scores, batch.target_lengths)

    def losses_of(self, scores: Float[Tensor, "B *T K"], batch: TokenBatch) -> Float[Tensor, " B"]:
        """Return the negative log-likelihood of each sequence's labels together."""
        return -self.crf.log_likelihood(scores, batch.target, batch.target_lengths)

    @staticmethod
    def predict(
        models: Sequence[LabelModel], source: Tensor, lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T K"], Int[Tensor, "B T"]]:
        """Return the marginal probabilities, and the likeliest path, under the mean of the models' scores.

        A mean of probabilities of whole paths would have no best path that could be searched for.
        """
        scores = torch.stack([model.network(source, lengths) for model in models]).double().mean(0)
        crf = LinearChainCRF(scores.shape[-1]).to(scores)
        for name, weight in crf.named_parameters():
            each = torch.stack([model.get_parameter(f"crf.{name}").double() for model in models])
            weight.copy_(each.mean(0))
        return crf.marginals(scores, lengths), crf.best_path(scores, lengths)


def _mean_probability(scores: list[Tensor]) -> Tensor:
    """Return the mean of the models' probabilities, in float64, so that they sum to 1."""
    return torch.stack(scores).double().softmax(-1).mean(0)
