"""Scores of given sequences against the numpy reader; the fused pass against the loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.rescoring import score_candidates, score_sequences

LENGTHS = [3, 1, 4]


@pytest.mark.parametrize("kind", ["Recurrent", "FusedRecurrent"])
@pytest.mark.parametrize("steps", [1, 2, 6])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["plain", "attention"])
def test_scores_equal_those_of_the_reader(oracles, kind, steps, lengths):
    model = getattr(oracles, kind)(5)
    source = oracles.make_source(3, lengths=lengths, padding=float("nan"))
    tokens = torch.randint(5, (3, steps))
    ours = score_sequences(model, source, tokens, first=model.firsts(3))
    assert ours.shape == (3, steps)
    assert (model.calls == ["run"]) == (kind == "FusedRecurrent")
    for row in range(3):
        expected = oracles.Reader(model, source, row).each(tuple(tokens[row].tolist()))
        np.testing.assert_allclose(ours[row].numpy(), expected, rtol=0, atol=1e-12)


def test_all_sequences_have_a_probability_of_one_together(oracles):
    model, source = oracles.FusedRecurrent(3), oracles.make_source(1)
    every = torch.tensor(oracles.all_sequences(3, 3, None))
    many = type(source)(source.bias.expand(len(every), -1))
    scores = score_sequences(model, many, every, first=model.firsts(len(every)))
    assert scores.sum(1).exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_what_stands_behind_changes_no_score_before(oracles):
    model, source = oracles.FusedRecurrent(4), oracles.make_source(2)
    tokens = torch.randint(4, (2, 6))
    changed = tokens.clone()
    changed[:, 3:] = (tokens[:, 3:] + 1) % 4
    one = score_sequences(model, source, tokens, first=model.firsts(2))
    other = score_sequences(model, source, changed, first=model.firsts(2))
    assert torch.equal(one[:, :3], other[:, :3])
    assert not torch.equal(one[:, 3:], other[:, 3:])


@pytest.mark.parametrize("kind", ["Recurrent", "FusedRecurrent"])
def test_gradients_flow_and_are_finite_where_a_source_is_all_padding(oracles, kind):
    model = getattr(oracles, kind)(4)
    source = oracles.make_source(3, lengths=[2, 0, 3], padding=float("nan"))
    for weight in (model.head, model.own, model.looking):
        weight.requires_grad_()
    scores = score_sequences(model, source, torch.randint(4, (3, 3)), first=model.firsts(3))
    for row in range(3):
        gradients = torch.autograd.grad(
            scores[row].sum(), [model.head, model.own, model.looking], retain_graph=True
        )
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert gradients[0].any()
        # from no place of the source comes no context
        assert gradients[2].any() == (row != 1)


def test_log_probabilities_and_feedback_are_the_callers(oracles):
    swapped = torch.tensor([1, 0, 2])
    tokens = torch.randint(3, (2, 5))
    source = oracles.make_source(2)
    results = []
    for kind in ("Recurrent", "FusedRecurrent"):
        model = getattr(oracles, kind)(3)
        results.append(
            score_sequences(
                model,
                source,
                tokens,
                first=model.firsts(2),
                log_probabilities=lambda output: output.log_softmax(-1) * 2,
                feedback=lambda tokens: swapped[tokens],
            )
        )
    torch.testing.assert_close(*results)
    for row in range(2):
        reader = oracles.Reader(model, source, row)
        fed = tuple(swapped[tokens[row]].tolist())
        for t in range(5):
            expected = 2 * reader.next(fed[:t])[tokens[row, t]]
            assert results[0][row, t].item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_outputs_of_lower_precision(oracles, dtype):
    model, source = oracles.FusedRecurrent(4, dtype=dtype), oracles.make_source(2)
    tokens = torch.randint(4, (2, 4))
    ours = score_sequences(model, source, tokens, first=model.firsts(2))
    assert ours.dtype == torch.float32
    for row in range(2):
        expected = oracles.Reader(model, source, row).each(tuple(tokens[row].tolist()))
        tolerance = {torch.float32: 1e-5, torch.bfloat16: 0.1}[dtype]
        np.testing.assert_allclose(ours[row].numpy(), expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ["Recurrent", "FusedRecurrent"])
def test_candidates_side_by_side_score_as_each_alone(oracles, kind):
    model = getattr(oracles, kind)(5)
    source = oracles.make_source(3, lengths=LENGTHS, padding=float("nan"))
    tokens = torch.randint(5, (3, 4, 6))
    ours = score_candidates(model, source, tokens, first=model.firsts(3))
    assert ours.shape == (3, 4, 6)
    for number in range(4):
        alone = score_sequences(model, source, tokens[:, number], first=model.firsts(3))
        torch.testing.assert_close(ours[:, number], alone, rtol=0, atol=1e-12)
