"""Covariates as inputs, against loops over rows, steps and columns."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.covariate_inputs import CovariateInputs, FeatureEmbedding, FeatureShape

ROWS, LENGTH, CONTEXT, STEPS = 2, 2, 6, 2
TIMES = CONTEXT + STEPS * LENGTH


def features(*where, numbers, cardinalities):
    return (
        torch.randn(*where, numbers),
        torch.rand(*where, numbers) < 0.7,
        torch.stack([torch.randint(codes, where) for codes in cardinalities], dim=-1)
        if cardinalities
        else torch.zeros(*where, 0, dtype=torch.long),
    )


@pytest.mark.parametrize("where", [(3,), (3, 4)])
@pytest.mark.parametrize(("numbers", "cardinalities"), [(2, ()), (0, (3, 40)), (1, (5,))])
def test_an_embedding_is_numbers_then_masks_then_codes(where, numbers, cardinalities):
    embed = FeatureEmbedding(FeatureShape(numbers, cardinalities)).eval()
    values, mask, codes = features(*where, numbers=numbers, cardinalities=cardinalities)
    embedded = embed(values, mask, codes)
    assert embedded.shape == (*where, embed.output_size)
    tables = [embedding.weight for embedding in embed.embeddings]
    assert [table.shape for table in tables] == [(n, min(16, -(-n // 2))) for n in cardinalities]
    for place in torch.cartesian_prod(*map(torch.arange, where)).reshape(-1, len(where)).tolist():
        at = tuple(place)
        looked_up = [table[codes[at][column]] for column, table in enumerate(tables)]
        assert torch.equal(embedded[at], torch.cat([values[at], mask[at].float(), *looked_up]))


def test_in_training_some_codes_become_the_unknown_and_nothing_else_changes():
    embed = FeatureEmbedding(FeatureShape(1, (4,)))
    values, mask = torch.randn(9000, 1), torch.ones(9000, 1, dtype=torch.bool)
    codes = torch.full((9000, 1), 3)
    embedded = embed(values, mask, codes)
    unknown = (embedded[:, 2:] == embed.embeddings[0].weight[0]).all(-1)
    known = (embedded[:, 2:] == embed.embeddings[0].weight[3]).all(-1)
    assert torch.equal(unknown, ~known)
    assert unknown.float().mean().item() == pytest.approx(1 / 30, abs=0.01)
    assert torch.equal(embedded[:, :1], values)
    assert not (embed.eval()(values, mask, codes)[:, 2:] == embed.embeddings[0].weight[0]).all(-1).any()


SHAPES = {"past": FeatureShape(1), "future": FeatureShape(1, (3,)), "static": FeatureShape(0, (4,))}


@pytest.mark.parametrize("roles", [(), ("past",), ("future",), ("static",), ("past", "future", "static")])
@pytest.mark.parametrize("calendar", [0, 3])
@pytest.mark.parametrize("lagged", [0, 2])
def test_each_role_enters_the_steps_that_know_it(roles, calendar, lagged):
    inputs = CovariateInputs(
        **{role: SHAPES[role] if role in roles else None for role in SHAPES},
        segment_length=LENGTH,
        calendar=calendar,
        lagged=lagged,
    ).eval()
    dates = torch.randn(ROWS, TIMES, calendar) if calendar else None
    earlier = (torch.randn(ROWS, TIMES, lagged), torch.rand(ROWS, TIMES, lagged) < 0.5) if lagged else None
    sizes = {"past": (CONTEXT,), "future": (TIMES,), "static": ()}
    given = {
        role: features(
            ROWS, *sizes[role], numbers=SHAPES[role].numbers, cardinalities=SHAPES[role].cardinalities
        )
        if role in roles
        else None
        for role in SHAPES
    }
    encoder, decoder = inputs(**given, calendar=dates, lagged=earlier, context=CONTEXT, steps=STEPS)
    embedded = {role: getattr(inputs, role)(*given[role]) for role in roles}

    def expected(row, first, segments, over_time):
        rows = []
        for segment in range(segments):
            times = range(first + segment * LENGTH, first + (segment + 1) * LENGTH)
            parts = [embedded[role][row, time] for role in over_time if role in roles for time in times]
            parts += [dates[row, time] for time in times] if calendar else []
            if earlier:
                parts += [part for time in times for part in (earlier[0][row, time], earlier[1][row, time])]
            parts += [embedded["static"][row]] if "static" in roles else []
            rows.append(torch.cat(parts))
        return torch.stack(rows)

    for row in range(ROWS):
        if roles or calendar or lagged:
            assert torch.equal(encoder[row], expected(row, 0, CONTEXT // LENGTH, ["past", "future"]))
        if {"future", "static"} & set(roles) or calendar or lagged:
            assert torch.equal(decoder[row], expected(row, CONTEXT, STEPS, ["future"]))
    assert inputs.encoder_size == (0 if encoder is None else encoder.shape[-1])
    assert inputs.decoder_size == (0 if decoder is None else decoder.shape[-1])
