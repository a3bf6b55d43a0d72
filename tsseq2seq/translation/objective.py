"""The training objective of a translator: batches of pairs of similar length, in epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.token_batches import BucketedEpochs, bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.training.judging import Judged, mean_judged
from tsseq2seq.training.state import State
from tsseq2seq.training.teacher_forcing import truth_probability
from tsseq2seq.training.training import Training
from tsseq2seq.translation.minimum_risk import MinimumRisk, minimum_risk_loss
from tsseq2seq.translation.model import TokenModel

__all__ = ["TokenObjective", "token_budget"]


def token_budget(pairs: TokenPairs, sentences: int) -> int:
    """Return the number of tokens of ``sentences`` pairs of mean length."""
    steps = pairs.sources.steps + pairs.targets.steps
    return max(1, round(sentences * steps / max(1, len(pairs))))


class TokenObjective:
    """Losses of batches, drawn without replacement in each epoch.

    Parameters
    ----------
    model
        The model in training.
    pairs, held_out
        Pairs for training, and for validation (None: no validation).
    training
        Settings, of which batch size (in pairs of mean length) and teacher forcing are read.
    seed
        Seed of the batches and of scheduled sampling.
    risk
        Settings of training on whole sequences after cross-entropy. None: cross-entropy only.
    decode, decode_source
        Functions from tokens of targets, and of sources, to text, for the costs of ``risk``.
    """

    def __init__(
        self,
        model: TokenModel,
        pairs: TokenPairs,
        held_out: TokenPairs | None,
        training: Training,
        *,
        seed: int,
        risk: MinimumRisk | None = None,
        decode: Callable[[list[int]], str] = str,
        decode_source: Callable[[list[int]], str] = str,
    ) -> None:
        self.model = model
        self.module: nn.Module = model
        self.pairs = pairs
        self.held_out = held_out
        self.training = training
        self.risk = risk
        self.decode = decode
        self.decode_source = decode_source
        self.device = pairs.sources.device
        self.budget = token_budget(pairs, training.batch_size or 1)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        order = torch.Generator().manual_seed(seed)
        self.batches = BucketedEpochs(pairs, tokens=self.budget, generator=order)
        self.measured = {"validation_token_accuracy": math.nan}
        # weights are 1 on average over tokens, not over pairs
        self.mean_weight = 1.0 if pairs.weights is None else float(pairs.weights.mean())

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches in which every pair occurs once."""
        return sum(1 for _ in bucketed_batches(self.pairs, tokens=self.budget, generator=None, shuffle=False))

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of the next batch."""
        schedule = self.training.teacher_forcing
        probability = 1.0 if schedule is None else truth_probability(schedule, step, total)
        batch = self.pairs.batch(next(self.batches).to(self.device))
        is_risk_step = self.risk is not None and step >= (1 - self.risk.share) * total
        loss: Tensor = self.model(
            batch,
            truth_probability=probability,
            generator=self.generator,
            sequence_loss=self._with_risk if is_risk_step else None,
        )
        return loss

    def _with_risk(self, model: TokenModel, batch: TokenBatch, cross_entropy: Tensor) -> Float[Tensor, ""]:
        assert self.risk is not None
        risk = minimum_risk_loss(
            model,
            batch,
            self.risk,
            decode=self.decode,
            decode_source=self.decode_source,
            generator=self.generator,
            weights=None if batch.weights is None else batch.weights / self.mean_weight,
        )
        return risk + self.risk.cross_entropy * cross_entropy

    def validate(self) -> float | None:
        """Return the mean negative log-likelihood of the tokens held out; None if no pair is held out.

        Where pairs have weights, it and the token accuracy are weighted means.
        """
        if self.held_out is None or not len(self.held_out):
            return None
        held_out = self.held_out
        error, accuracy = mean_judged(
            self._judged(held_out, index) for index in self._validation_batches(held_out)
        )
        self.measured = {"validation_token_accuracy": accuracy}
        return error

    def validate_part(self) -> float:
        """Validate on the first batch, and return its share of all tokens that are held out."""
        if self.held_out is None or not len(self.held_out):
            return 1.0
        tokens = self._judged(self.held_out, next(iter(self._validation_batches(self.held_out)))).count
        return tokens / max(tokens, int(self.held_out.targets.lengths.sum()))

    def _validation_batches(self, held_out: TokenPairs) -> Iterable[Tensor]:
        return bucketed_batches(held_out, tokens=4 * self.budget, generator=None, shuffle=False)

    def _judged(self, held_out: TokenPairs, index: Tensor) -> Judged:
        """Return the negative log-likelihood of a batch, its tokens, and how many are the likeliest ones."""
        batch = held_out.batch(index.to(self.device))
        scores, hits = self.model.judged(batch)
        scores, hits, weights = scores.double(), hits.double(), batch.token_weights
        if weights is not None:
            scores, hits = scores * weights, hits * weights
        return Judged(-float(scores.sum()), len(scores), float(hits.sum()))

    def state(self) -> State:
        """Return the state of the random numbers and of the batches."""
        return {"generator": self.generator.get_state(), "batches": self.batches.state()}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.generator.set_state(state["generator"])
        self.batches.load_state(state["batches"])
