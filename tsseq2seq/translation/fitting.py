"""Fitting a translator: from pairs and settings to trained networks with their surroundings."""

from __future__ import annotations

from collections.abc import Callable

import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.errors import ParameterError
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer
from tsseq2seq.training.state import State
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import FittedTokens, build_token_model
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.objective import TokenObjective

__all__ = ["fit_tokens"]


def fit_tokens(
    pairs: TokenPairs,
    source: TextTokenizer,
    target: TextTokenizer,
    resolved: ResolvedTokenSettings,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    risk: MinimumRisk | None = None,
    observe: Callable[[FittedTokens], Observer] | None = None,
    keeper: Keeper | None = None,
    state: State | None = None,
) -> tuple[FittedTokens, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    pairs
        What to train on; of ``training.validation_size`` pairs, evenly chosen, it is validated on.
    source, target
        The tokenisers.
    resolved
        Settings with nothing left open.
    device
        Where to train.
    seed
        Of weights, batches and coins; None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    risk
        Trains on whole sequences in the end. None: never.
    observe
        Makes an observer of a training, given the network that is trained; see
        :func:`~tsseq2seq.training.loop.train`.
    keeper, state
        Who keeps states of the training, and such a state to go on from; see
        :func:`~tsseq2seq.training.members.train_members`.

    Raises
    ------
    ParameterError
        If as many pairs are to be held out as there are, or more.
    """
    pairs, held_out = _held_out(pairs.to(device), resolved.training.validation_size)

    def build(member: int, drawn: int) -> TokenObjective:
        model = build_token_model(resolved, source, target).to(device)
        return TokenObjective(
            model, pairs, held_out, resolved.training, seed=drawn, risk=risk, decode=target.decode
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
        keeper=keeper,
        state=state,
    )
    return FittedTokens(tuple(objective.model for objective in objectives), source, target, resolved), records


def _held_out(pairs: TokenPairs, count: int) -> tuple[TokenPairs, TokenPairs | None]:
    if not count:
        return pairs, None
    if count >= len(pairs):
        raise ParameterError(
            f"Training: validation_size is {count}, but there are {len(pairs)} pairs; at least one must be "
            "left to learn from"
        )
    chosen = torch.zeros(len(pairs), dtype=torch.bool)
    chosen[evenly_spaced_tensor(len(pairs), count)] = True
    return pairs.subset(torch.nonzero(~chosen)[:, 0]), pairs.subset(torch.nonzero(chosen)[:, 0])
