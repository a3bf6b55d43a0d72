"""Greedy search, beams and samples score as teacher forcing does, whatever parts a network has."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.rescoring import score_sequences
from tsseq2seq.decoding.sampling import Sampling, sample_sequences
from tsseq2seq.nn.network import Network
from tsseq2seq.translation.network import TokenShape, build_translator

VOCABULARY, LENGTH, EOS = 12, 6, 2
LENGTHS = torch.tensor([5, 2, 1])
PARTS = {
    "convolutional": {"encoder": "convolutional"},
    "attention": {"encoder": "attention", "attention": "multihead"},
    "convolutional+recurrent": {"encoder": "convolutional+recurrent", "bidirectional": True},
    "learned first state": {"initial_state": "learned", "attention": "general"},
    "reads previous": {"output_reads": "previous"},
    "reads both": {"output_reads": "previous+context", "context": "attention", "context_size": 3},
    "monotonic": {"attention": "dot", "attention_alignment": "monotonic", "attention_window": 1},
    "predicted": {"attention": "additive", "attention_alignment": "predicted", "attention_window": 2},
    "predicted before the cell": {
        "attention": "additive",
        "attention_alignment": "predicted",
        "attention_window": 2,
        "attention_position": "before",
        "input_feeding": True,
        "attention_coverage": True,
        "output_reads": "previous+context",
    },
    "reversed": {"reversed_source": True, "attention": "dot"},
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_every_search_scores_a_sequence_as_teacher_forcing_does(name, cell):
    network = Network(hidden_size=8, cell=cell, residual=None, **PARTS[name])
    model = build_translator(network, TokenShape(VOCABULARY, VOCABULARY)).double().eval()
    with torch.no_grad():
        model.decoder.head.weight.mul_(3)  # so that it is sure of something
        encoding = model.encode(torch.randint(3, VOCABULARY, (3, 5)), LENGTHS)
        first = torch.ones(3, 1, dtype=torch.int64)
        search = {"first": first, "max_length": LENGTH, "eos_id": EOS}
        generator = torch.Generator().manual_seed(0)
        found = {
            "greedy": [[best] for best in greedy_search(model, encoding, **search)],
            "beam": beam_search(model, encoding, beam=Beam(beam_size=4, n_best=4), **search),
            "samples": sample_sequences(
                model, encoding, sampling=Sampling(num_samples=5), generator=generator, **search
            ),
        }
        for rows in found.values():
            for best in range(len(rows[0])):
                tokens = torch.zeros(3, LENGTH, dtype=torch.int64)
                for row in range(3):
                    tokens[row, : len(rows[row][best].tokens)] = torch.tensor(rows[row][best].tokens)
                scores = score_sequences(model, encoding, tokens, first=first)
                for row in range(3):
                    hypothesis = rows[row][best]
                    expected = scores[row, : len(hypothesis.tokens)].float()
                    ours = torch.tensor(hypothesis.token_log_probabilities)
                    torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-5)
                    if hypothesis.alignment is not None:
                        assert not hypothesis.alignment[:, LENGTHS[row] :].any()
