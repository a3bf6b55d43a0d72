"""Fitting networks that write tokens: from pairs and resolved settings to trained networks."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from jaxtyping import Bool
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import SPECIAL
from tsseq2seq.nn.pretrained import Embeddings, Pretrained
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.continued import weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import FittedTokens, ModelBuilder, build_token_model
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.objective import TokenObjective
from tsseq2seq.translation.sources import Source
from tsseq2seq.translation.training_losses import TrainingLosses

__all__ = ["fit_tokens"]


def fit_tokens(
    pairs: TokenPairs,
    source: Source,
    target: TextTokenizer,
    resolved: ResolvedTokenSettings,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    risk: MinimumRisk | None = None,
    build_model: ModelBuilder = build_token_model,
    embeddings: Embeddings | None = None,
    target_embeddings: Embeddings | None = None,
    previous: FittedTokens | None = None,
    observe: Callable[[FittedTokens], Observer] | None = None,
    checkpoint: Checkpoint = NO_CHECKPOINT,
    held_out_rows: Bool[Tensor, " N"] | None = None,
) -> tuple[FittedTokens, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    pairs
        The pairs, those held out for validation among them.
    source
        The kind of source: the tokeniser of sentences, say.
    target
        The tokeniser of targets.
    resolved
        The resolved settings.
    device
        Device of the training.
    seed
        Seed of weights, batches and scheduled sampling. None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    risk
        Settings of training on whole sequences after cross-entropy. None: cross-entropy only.
    build_model
        Builds an untrained model.
    embeddings, target_embeddings
        Pretrained vectors of tokens, and their words. None: all are drawn.
    previous
        The networks to continue from (a warm start). None: new ones.
    observe
        Function from the network in training to an observer; see
        :func:`~tsseq2seq.training.loop.train`.
    checkpoint
        Where states of the training are stored, and what it continues from.
    held_out_rows
        Which pairs are held out. None: ``training.validation_size`` of them, evenly spaced.

    Returns
    -------
    fitted, records
        The fitted translator, and a record of the training of each member.

    Raises
    ------
    ParameterError
        If no pair would be left for training, or a loss cannot be had with the other settings.
    """
    data = pairs
    if held_out_rows is None:
        held_out_rows = _evenly_spaced(len(pairs), resolved.training.held_out_pairs(len(pairs)))
    pairs, held_out = _split(pairs.to(device), held_out_rows)

    losses = TrainingLosses.of(resolved.output, resolved.network, pairs, target)
    pairs = pairs.with_unit_weights("pairs to train on", losses.weights_of(pairs.targets))
    held_out = None if held_out is None else held_out.with_unit_weights("pairs held out")

    width = resolved.network.embedding_size or resolved.network.hidden_size or 0
    vectors = None
    if embeddings is not None:
        assert isinstance(source, TextTokenizer)
        vectors = _pretrained("embeddings", embeddings, source, width)
    target_vectors = None
    if target_embeddings is not None:
        target_vectors = _pretrained("target_embeddings", target_embeddings, target, width)

    def build(member: int, member_seed: int) -> TokenObjective:
        if previous is None:
            model = build_model(resolved, source, target, losses).to(device)
        else:
            model = copy.deepcopy(previous.members[member]).to(device)
            model.losses = losses
        if vectors is not None:
            vectors.write(model.source_embedding)
        if target_vectors is not None:
            target_vectors.write(model.target_embedding)
        return TokenObjective(
            model,
            pairs,
            held_out,
            resolved.training,
            seed=member_seed,
            risk=risk,
            decode=target.decode,
            decode_source=source.decode if isinstance(source, TextTokenizer) else str,
        )

    def observer(objective: TokenObjective) -> Observer:
        assert observe is not None
        return observe(FittedTokens((objective.model,), source, target, resolved))

    objectives, records = train_members(
        build,
        resolved.training,
        device=device,
        seed=seed,
        started=started,
        observe=None if observe is None else observer,
        checkpoint=checkpoint.of_data(
            data, source, target, embeddings, target_embeddings, weights_of(previous)
        ),
    )
    return FittedTokens(tuple(objective.model for objective in objectives), source, target, resolved), records


def _pretrained(name: str, embeddings: Embeddings, tokenizer: TextTokenizer, width: int) -> Pretrained:
    names = tokenizer.names(range(tokenizer.vocabulary_size))
    return Pretrained(name, embeddings, names, special=len(SPECIAL), width=width)


def _evenly_spaced(pairs: int, count: int) -> Bool[Tensor, " N"]:
    held_out = torch.zeros(pairs, dtype=torch.bool)
    if count:
        held_out[evenly_spaced_tensor(pairs, count)] = True
    return held_out


def _split(pairs: TokenPairs, held_out: Bool[Tensor, " N"]) -> tuple[TokenPairs, TokenPairs | None]:
    """Return the pairs to train on, and those to validate on; None if there are none."""
    if not held_out.any():
        return pairs, None
    return pairs.subset(torch.nonzero(~held_out)[:, 0]), pairs.subset(torch.nonzero(held_out)[:, 0])
