"""The training objective of labels: batches of sequences of similar length, in epochs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.token_batches import BucketedEpochs, bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.labelling.labelled import Labelled
from tsseq2seq.labelling.models import LabelModel
from tsseq2seq.training.judging import Judged, mean_judged
from tsseq2seq.training.state import State

__all__ = ["LabelObjective", "rare_tokens"]

# How often a token that occurs once is read as the unknown one (Lample et al. 2016).
_UNKNOWN = 0.5


def rare_tokens(pairs: TokenPairs) -> Bool[Tensor, " V"] | None:
    """Return which tokens occur once, to be read as the unknown token now and then, so that it is learnt.

    None where there are none, the unknown token is among the sequences already, or they are no tokens.
    """
    if not isinstance(pairs.sources, TokenSequences):
        return None
    counts = pairs.sources.tokens.bincount(minlength=UNK + 1)
    rare = counts == 1
    return None if counts[UNK] or not rare.any() else rare


class LabelObjective:
    """Losses of batches, drawn without replacement in each epoch.

    Parameters
    ----------
    model
        The model in training.
    labelled, held_out
        Sequences for training, and for validation (None: no validation).
    batch_size
        Sequences of mean length in a batch.
    seed
        Seed of the batches, and of tokens read as the unknown one.
    """

    def __init__(
        self, model: LabelModel, labelled: Labelled, held_out: Labelled | None, *, batch_size: int, seed: int
    ) -> None:
        self.model = model
        self.module: nn.Module = model
        self.labelled = labelled
        self.held_out = held_out
        pairs = labelled.pairs
        self.device = pairs.sources.device
        steps = pairs.sources.steps + pairs.targets.steps
        self.budget = max(1, round(batch_size * steps / len(pairs)))
        self.rare = rare_tokens(pairs)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        order = torch.Generator().manual_seed(seed)
        self.batches = BucketedEpochs(pairs, tokens=self.budget, generator=order)
        self.measured = {"validation_token_accuracy" if model.per_step else "validation_accuracy": math.nan}

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches in which every sequence occurs once."""
        pairs = self.labelled.pairs
        return sum(1 for _ in bucketed_batches(pairs, tokens=self.budget, generator=None, shuffle=False))

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of the next batch."""
        index = next(self.batches).to(self.device)
        batch = self._with_unknown(self.labelled.pairs.batch(index))
        loss: Tensor = self.model(batch, self.labelled.weights[index])
        return loss

    def validate(self) -> float | None:
        """Return the mean negative log-likelihood of the labels held out; None if there are none.

        Where sequences or classes have weights, it and the accuracy are weighted means.
        """
        if self.held_out is None:
            return None
        held_out = self.held_out
        error, accuracy = mean_judged(
            self._judged(held_out, index) for index in self._validation_batches(held_out)
        )
        self.measured = dict.fromkeys(self.measured, accuracy)
        return error

    def validate_part(self) -> float:
        """Validate on the first batch, and return its share of all labels that are held out."""
        if self.held_out is None:
            return 1.0
        labels = self._judged(self.held_out, next(iter(self._validation_batches(self.held_out)))).count
        return labels / self.held_out.pairs.targets.steps

    def state(self) -> State:
        """Return the state of the random numbers and of the batches."""
        return {"generator": self.generator.get_state(), "batches": self.batches.state()}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.generator.set_state(state["generator"])
        self.batches.load_state(state["batches"])

    def _with_unknown(self, batch: TokenBatch) -> TokenBatch:
        if self.rare is None:
            return batch
        drawn = torch.rand(batch.source.shape, generator=self.generator, device=self.device) < _UNKNOWN
        source = batch.source.masked_fill(self.rare[batch.source] & drawn, UNK)
        return dataclasses.replace(batch, source=source)

    def _validation_batches(self, held_out: Labelled) -> Iterable[Tensor]:
        return bucketed_batches(held_out.pairs, tokens=4 * self.budget, generator=None, shuffle=False)

    def _judged(self, held_out: Labelled, index: Tensor) -> Judged:
        """Return the weighted negative log-likelihood of a batch, its labels, and how many are predicted."""
        index = index.to(self.device)
        batch, weights = held_out.pairs.batch(index), held_out.weights[index].double()
        losses, hits = self.model.judged(batch)
        loss, predicted = (losses.double() * weights).sum(), (hits * weights).sum()
        return Judged(float(loss), int(batch.target_lengths.sum()), float(predicted))
