"""A model small enough to enumerate, and searches in plain Python that the package is held against.

The oracles below share no line with the package: numbers of one sequence at a time, lists and
dictionaries. They are handed to the tests by the fixture ``oracles``.
"""

from __future__ import annotations

import collections
import itertools
import math
import types
from dataclasses import dataclass

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Networks this small gain nothing from a second thread, and wait long for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# --- a recurrent model, in torch for the package and in numpy for the oracles ---

WIDTH = 3


@dataclass(frozen=True)
class Source:
    """What the model is conditioned on: (B, WIDTH), and with attention (B, S, WIDTH) and (B, S)."""

    bias: torch.Tensor
    states: torch.Tensor | None = None
    mask: torch.Tensor | None = None

    def rows(self, index):
        return Source(
            *[None if part is None else part[index] for part in (self.bias, self.states, self.mask)]
        )


def make_source(rows, *, lengths=None, padding=0.0, seed=1):
    generator = torch.Generator().manual_seed(seed)
    bias = torch.randn(rows, WIDTH, dtype=torch.float64, generator=generator)
    if lengths is None:
        return Source(bias)
    width = max(lengths)
    states = torch.randn(rows, width, WIDTH, dtype=torch.float64, generator=generator)
    mask = torch.arange(width) < torch.tensor(lengths)[:, None]
    return Source(bias, torch.where(mask[..., None], states, padding), mask)


class Recurrent:
    """Its next token depends on all tokens before, on the step and on the row.

    The step counts its calls and checks that the memory is the very one that ``start`` made.
    """

    def __init__(self, vocabulary, *, sharpness=2.0, seed=0, dtype=torch.float64):
        generator = torch.Generator().manual_seed(seed)

        def weights(*shape):
            return torch.randn(*shape, dtype=torch.float64, generator=generator)

        self.vocabulary, self.sharpness, self.dtype = vocabulary, sharpness, dtype
        self.own, self.entering = weights(WIDTH, WIDTH), weights(vocabulary + 1, WIDTH)
        self.head, self.looking = weights(WIDTH, vocabulary), weights(WIDTH, vocabulary)
        self.calls, self.memory = [], None

    def start(self, encoding):
        rows = len(encoding.bias)
        self.calls, self.memory = [], encoding
        self.places = [None if part is None else part.data_ptr() for part in vars(encoding).values()]
        return {"hidden": torch.zeros(rows, 1, WIDTH, dtype=torch.float64)}, encoding

    def step(self, previous, t, state, memory):
        assert memory is self.memory
        assert [None if part is None else part.data_ptr() for part in vars(memory).values()] == self.places
        self.calls.append((t, tuple(previous.shape)))
        entering = self.entering[previous] + memory.bias[:, None] + 0.1 * t
        hidden = torch.tanh(state["hidden"] @ self.own + entering)
        logits, weights = hidden @ self.head, None
        if memory.states is not None:
            valid = torch.where(memory.mask[..., None], memory.states, 0.0)
            closeness = (hidden @ valid.transpose(1, 2)).exp() * memory.mask[:, None]
            weights = closeness / closeness.sum(-1, keepdim=True).clamp(min=1e-30)
            logits = logits + (weights @ valid) @ self.looking
            weights = weights.to(self.dtype)
        return (logits * self.sharpness).to(self.dtype), {"hidden": hidden}, weights

    @property
    def first(self):
        """The index of the token that enters the first step."""
        return self.vocabulary

    def firsts(self, rows):
        return torch.full((rows, 1), self.vocabulary)


class FusedRecurrent(Recurrent):
    """The same, which takes many steps at once."""

    fused = True
    parallel = False

    def run(self, previous, state, memory):
        outputs = []
        for t in range(previous.shape[1]):
            output, state, _ = self.step(previous[:, t : t + 1], t, state, memory)
            outputs.append(output)
        self.calls = ["run"]
        return torch.cat(outputs, 1), state, None


class Reader:
    """The recurrent model read in numpy, one row and one sequence at a time."""

    def __init__(self, model, source, row):
        self.model = model
        self.own, self.entering = model.own.numpy(), model.entering.numpy()
        self.head, self.looking = model.head.numpy(), model.looking.numpy()
        self.bias = source.bias[row].numpy()
        self.valid = self.length = None
        if source.states is not None:
            self.length = source.states.shape[1]
            self.valid = source.states[row].numpy()[source.mask[row].numpy()]  # they stand first
        self.seen = {}

    def read(self, prefix):
        """Return (hidden, log-probabilities of the next token, attention) after a prefix."""
        if prefix in self.seen:
            return self.seen[prefix]
        before = self.read(prefix[:-1])[0] if prefix else np.zeros(WIDTH)
        entered = prefix[-1] if prefix else self.model.first
        hidden = np.tanh(before @ self.own + self.entering[entered] + self.bias + 0.1 * len(prefix))
        logits, weights = hidden @ self.head, None
        if self.valid is not None:
            weights = np.zeros(self.length)
            if len(self.valid):
                closeness = np.exp(self.valid @ hidden)
                weights[: len(self.valid)] = closeness / closeness.sum()
                logits = logits + weights[: len(self.valid)] @ self.valid @ self.looking
        logits = logits * self.model.sharpness
        self.seen[prefix] = hidden, logits - np.log(np.exp(logits).sum()), weights
        return self.seen[prefix]

    def next(self, prefix):
        return self.read(prefix)[1]

    def each(self, tokens):
        return [float(self.next(tokens[:t])[token]) for t, token in enumerate(tokens)]

    def log_probability(self, tokens):
        return sum(self.each(tokens))

    def alignment(self, tokens):
        return np.stack([self.read(tokens[:t])[2] for t in range(len(tokens))])


# --- all sequences, one by one ---


def all_sequences(vocabulary, max_length, eos_id):
    """Every sequence that ends by itself, and every one of the greatest length that does not."""
    others = [token for token in range(vocabulary) if token != eos_id]
    found = []
    if eos_id is not None:
        for length in range(max_length):
            found += [(*body, eos_id) for body in itertools.product(others, repeat=length)]
    return found + list(itertools.product(others, repeat=max_length))


def divisor(length, normalization, strength):
    return {None: 1.0, "average": length**strength, "gnmt": ((5 + length) / 6) ** strength}[normalization]


def coverage_of(reader, tokens):
    sums = reader.alignment(tokens).sum(0)[: len(reader.valid)]
    return sum(math.log(min(max(value, 1e-6), 1.0)) for value in sums)


def repeats(tokens, size):
    grams = [tokens[at : at + size] for at in range(len(tokens) - size + 1)]
    return len(set(grams)) < len(grams)


def score_of(reader, tokens, beam):
    score = reader.log_probability(tokens) / divisor(
        len(tokens), beam.length_normalization, beam.length_penalty
    )
    return score + (beam.coverage_penalty * coverage_of(reader, tokens) if beam.coverage_penalty else 0)


def brute_force(reader, beam, max_length, eos_id, prefix=()):
    """Return (tokens, score, finished) of all that may be returned, the best first."""

    def allowed(tokens):
        ended = eos_id is not None and tokens[-1] == eos_id
        if ended and len(tokens) - 1 < beam.min_length:
            return False
        if beam.no_repeat_ngram and repeats(tokens, beam.no_repeat_ngram):
            return False
        return all(wanted in (-1, token) for token, wanted in zip(tokens, prefix, strict=False))

    found = []
    for tokens in all_sequences(reader.model.vocabulary, max_length, eos_id):
        if allowed(tokens):
            found.append((tokens, score_of(reader, tokens, beam), eos_id is None or tokens[-1] == eos_id))
    return sorted(found, key=lambda one: (not one[2], -one[1]))


# --- beam search as the papers describe it ---


def plain_beam(reader, beam, max_length, eos_id):
    """Diverse beam search (Vijayakumar et al. 2018, algorithm 1, Hamming diversity); one group is beam search.

    Returns what was found, the best first, and the open prefixes of each step by group.
    """
    groups = [[((), 0.0)] for _ in range(beam.groups)]
    finished, steps = [], []
    for t in range(max_length):
        steps.append([[prefix for prefix, _ in group] for group in groups])
        used = collections.Counter()
        for number, group in enumerate(groups):
            candidates = []
            for prefix, total in group:
                for token, value in enumerate(reader.next(prefix)):
                    if token == eos_id and t < beam.min_length:
                        continue
                    if beam.no_repeat_ngram and repeats((*prefix, token), beam.no_repeat_ngram):
                        continue
                    key = total + value - beam.diversity * used[token]
                    candidates.append((key, (*prefix, token), total + value))
            candidates.sort(key=lambda one: -one[0])
            kept = candidates[: beam.beam_size // beam.groups]
            used.update(tokens[-1] for _, tokens, _ in kept)
            finished += [tokens for _, tokens, _ in kept if tokens[-1] == eos_id]
            groups[number] = [(tokens, total) for _, tokens, total in kept if tokens[-1] != eos_id]
    # what several groups found is one
    finished = dict.fromkeys(finished)
    left = dict.fromkeys(prefix for group in groups for prefix, _ in group)
    found = [(tokens, score_of(reader, tokens, beam), True) for tokens in finished]
    found += [(tokens, score_of(reader, tokens, beam), eos_id is None) for tokens in left]
    return sorted(found, key=lambda one: (not one[2], -one[1])), steps


# --- sampling ---


def drawn_distribution(reader, max_length, eos_id, *, change=lambda probabilities: probabilities):
    """Return the probability of each sequence where the distribution of each step is changed first."""
    found = {}
    for tokens in all_sequences(reader.model.vocabulary, max_length, eos_id):
        probability = 1.0
        for t, token in enumerate(tokens):
            probability *= change(np.exp(reader.next(tokens[:t])))[token]
        found[tokens] = probability
    return found


@pytest.fixture(scope="session")
def oracles():
    """The model and the plain searches, by name."""
    return types.SimpleNamespace(
        Recurrent=Recurrent,
        FusedRecurrent=FusedRecurrent,
        Reader=Reader,
        make_source=make_source,
        all_sequences=all_sequences,
        divisor=divisor,
        coverage_of=coverage_of,
        repeats=repeats,
        brute_force=brute_force,
        plain_beam=plain_beam,
        drawn_distribution=drawn_distribution,
    )
