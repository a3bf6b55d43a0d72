"""The model of a translator: loss, logits and scores of a batch of pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.data.text.token_batches import TokenBatch
from tsseq2seq.data.text.vocabulary import BOS, PAD, UNK
from tsseq2seq.decoding.rescoring import score_sequences
from tsseq2seq.decoding.token_scores import log_softmax
from tsseq2seq.decoding.unroll import Unrolled, unroll
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.decoder_alone import DecoderAlone
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder, Encoding
from tsseq2seq.nn.headless import Headless
from tsseq2seq.nn.losses import DecodedSequences
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.nn.pointer_generator import Copyable, PointerHead
from tsseq2seq.nn.sampled_softmax import sampled_cross_entropy
from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead
from tsseq2seq.translation.training_losses import TrainingLosses

__all__ = ["TokenModel"]

# Scores of the vocabulary that are held at once while tokens are judged.
_LOGITS = 100_000_000


class TokenModel(nn.Module):
    """A network for tokens with its output.

    Parameters
    ----------
    network
        The encoder–decoder, or a decoder alone.
    output
        How tokens are scored.
    losses
        What losses learned of the training targets. None: nothing.
    """

    def __init__(
        self, network: EncoderDecoder | DecoderAlone, output: Tokens, losses: TrainingLosses | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.output = output
        self.losses = TrainingLosses() if losses is None else losses

    def forward(
        self,
        batch: TokenBatch,
        *,
        truth_probability: float,
        generator: torch.Generator | None = None,
        sequence_loss: Callable[[TokenModel, TokenBatch, Tensor], Tensor] | None = None,
    ) -> Float[Tensor, ""]:
        """Return the training loss: the mean loss of all tokens that are not padding, and those beside it.

        Parameters
        ----------
        batch
            The pairs.
        truth_probability
            Probability that the true previous token enters a decoder step, rather than the model's likeliest.
        generator
            Generator of the random numbers. None: torch's own.
        sequence_loss
            Function from the model, the batch and the loss of the tokens to the loss. None: that loss itself.
        """
        unrolled, copyable = self._unroll(batch, truth_probability, generator)
        hidden, truth = unrolled.outputs[:, 0], batch.target[batch.target_mask]
        of_tokens = _of_tokens(copyable, batch.target_mask)
        loss = self._mean_token_loss(
            hidden[batch.target_mask], truth, generator, of_tokens, batch.token_weights
        )
        if self.losses.beside:
            decoded = self._decoded(batch, unrolled, copyable)
            loss = loss + sum(function(decoded) for function in self.losses.beside)
        return loss if sequence_loss is None else sequence_loss(self, batch, loss)

    def _decoded(self, batch: TokenBatch, unrolled: Unrolled, copyable: Copyable | None) -> DecodedSequences:
        """Return what losses beside that of the tokens see; words copied are unknown tokens to them."""
        head: Callable[..., Tensor] = self.head
        if copyable is not None:
            assert isinstance(self.head, PointerHead)
            head = partial(_within_vocabulary, self.head, copyable)
        return DecodedSequences(
            batch.source_tokens,
            batch.source_mask,
            self._known(batch.target),
            batch.target_mask,
            unrolled.outputs[:, 0],
            head,
            None if unrolled.weights is None else unrolled.weights[:, 0],
            batch.weights,
        )

    def _known(self, tokens: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
        """Return tokens of which those that are copied are unknown."""
        if not isinstance(self.head, PointerHead):
            return tokens
        return tokens.masked_fill(tokens >= len(self.head.bias), UNK)

    def _mean_token_loss(
        self,
        hidden: Float[Tensor, "N H"],
        truth: Int[Tensor, " N"],
        generator: torch.Generator | None,
        copyable: Copyable | None,
        sample_weights: Float[Tensor, " N"] | None,
    ) -> Float[Tensor, ""]:
        losses = self._token_losses(hidden, truth, generator, copyable)
        if sample_weights is not None:
            losses = losses * sample_weights.to(losses.dtype)
        if self.losses.weights is None:
            return losses.sum() / max(1, len(truth))
        weights = self.losses.weights[self._known(truth)].to(losses.dtype)
        return (weights * losses).sum() / weights.sum().clamp(min=torch.finfo(losses.dtype).tiny)

    def _token_losses(
        self,
        hidden: Float[Tensor, "N H"],
        truth: Int[Tensor, " N"],
        generator: torch.Generator | None,
        copyable: Copyable | None,
    ) -> Float[Tensor, " N"]:
        head, output = self.head, self.output
        if copyable is not None:
            assert isinstance(head, PointerHead)
            return head.losses(hidden, copyable, truth, output.label_smoothing)
        if output.is_sampled(len(head.bias)):
            return sampled_cross_entropy(
                head.project(hidden),
                head.weight,
                head.bias,
                truth,
                draws=output.samples,
                label_smoothing=output.label_smoothing,
                generator=generator,
            )
        if output.negatives is not None:
            return output.negatives.sampled(head.project(hidden), head.weight, head.bias, truth, generator)
        return output.elementwise_loss(head(hidden[:, None], None)[:, 0], truth)

    def decode(
        self, batch: TokenBatch, *, truth_probability: float = 1.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, "B T V"]:
        """Return the logits at all decoder steps of the targets; log-probabilities with a copy mechanism."""
        unrolled, copyable = self._unroll(batch, truth_probability, generator)
        return self.head(unrolled.outputs[:, 0], copyable)

    def judged(self, batch: TokenBatch) -> tuple[Float[Tensor, " N"], Bool[Tensor, " N"]]:
        """Return the log-probability of each token that is not padding, and whether it is the likeliest one.

        As many tokens are scored at once as :data:`_LOGITS` allows.
        """
        unrolled, copyable = self._unroll(batch, 1.0, None)
        hidden = unrolled.outputs[:, 0][batch.target_mask]
        truth, base = batch.target[batch.target_mask], _of_tokens(copyable, batch.target_mask)
        size = max(1, _LOGITS // len(self.head.bias))
        scores, hits = [], []
        for index in torch.arange(len(truth), device=truth.device).split(size):
            some = None if base is None else base.of_rows(index)
            tokens = truth[index]
            logits = self.head(hidden[index][:, None], some)[:, 0]
            scores.append(log_softmax(logits).gather(1, tokens[:, None])[:, 0])
            hits.append(logits.argmax(-1) == tokens)
        return torch.cat(scores), torch.cat(hits)

    @property
    def head(self) -> TokenHead:
        """The head, which scores the vocabulary."""
        head: TokenHead = self.network.decoder.head  # type: ignore[assignment]
        return head

    @property
    def source_embedding(self) -> TokenEmbedding:
        """The vectors of source tokens."""
        embedding: TokenEmbedding = self.network.embedding  # type: ignore[assignment]
        return embedding

    @property
    def target_embedding(self) -> TokenEmbedding:
        """The vectors of target tokens that the decoder reads.

        Raises
        ------
        ParameterError
            If it reads none.
        """
        for part in self.network.decoder.inputs:
            if isinstance(part, PreviousOutput) and isinstance(part.embedding, TokenEmbedding):
                return part.embedding
        raise ParameterError(
            "fit: target_embeddings are given, but Network has feed_output=False, so that the decoder reads "
            "no target tokens; leave one of them out"
        )

    def _unroll(
        self, batch: TokenBatch, truth_probability: float, generator: torch.Generator | None
    ) -> tuple[Unrolled, Copyable | None]:
        """Return the head's inputs (B, 1, T, H) at all decoder steps of the targets, and the attention.

        Beside them stands what can be copied, the head's other argument; None without a copy mechanism.
        """
        forced: Bool[Tensor, "B T"] | None = None
        if truth_probability < 1:
            uniform = torch.rand(batch.target.shape, generator=generator, device=batch.target.device)
            forced = uniform < truth_probability
        encoding = self.encode(batch.source, batch.source_lengths)
        unrolled = unroll(
            Headless(self.network),
            encoding,
            steps=batch.target.shape[1],
            first=self.first(len(batch.target)),
            feedback=lambda hidden: self.head(hidden, encoding.copyable).argmax(-1),
            truth=batch.target,
            forced=forced,
            # two fused passes approximate the loop while the truth is fed in at least half of the steps
            passes=2 if truth_probability >= 0.5 else None,
        )
        return unrolled, encoding.copyable

    def encode(
        self,
        source: Int[Tensor, "B S"] | Int[Tensor, "B S 2"] | Float[Tensor, "B S F"],
        lengths: Int[Tensor, " B"],
    ) -> Encoding:
        """Encode sentences, or sequences of feature vectors."""
        return self.network.encode(source, lengths)

    def first(self, rows: int) -> Int[Tensor, "B 1"]:
        """Return the input of the first decoder step, the begin token."""
        device = next(self.parameters()).device
        return torch.full((rows, 1), BOS, dtype=torch.int64, device=device)

    @staticmethod
    def writable(logits: Float[Tensor, "*B V"], unknown: bool = True) -> Float[Tensor, "*B V"]:
        """Return log-probabilities in which padding and the begin token, never written, have −∞.

        So has the unknown token unless ``unknown``.
        """
        scores = log_softmax(logits)
        if scores.requires_grad:
            scores = scores.clone()
        scores[..., PAD] = -torch.inf
        scores[..., BOS] = -torch.inf
        if not unknown:
            scores[..., UNK] = -torch.inf
        return scores

    def score(self, batch: TokenBatch) -> Float[Tensor, "B T"]:
        """Return the log-probability of each target token given those before it; 0 at padding."""
        scores = score_sequences(
            self.network,
            self.encode(batch.source, batch.source_lengths),
            batch.target,
            first=self.first(len(batch.target)),
        )
        return scores.masked_fill(~batch.target_mask, 0.0)


def _of_tokens(copyable: Copyable | None, mask: Bool[Tensor, "B T"]) -> Copyable | None:
    """Return what can be copied at each token that is not padding."""
    return None if copyable is None else copyable.of_rows(mask.nonzero()[:, 0])


def _within_vocabulary(
    head: PointerHead, copyable: Copyable, hidden: Float[Tensor, "B T R"], base: None
) -> Float[Tensor, "B T V"]:
    """Return the scores of the vocabulary alone, as losses beside that of the tokens read them."""
    return head.within_vocabulary(head(hidden, copyable))
