"""The masked softmax and the mixing of values, against loops in Python."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import (
    AdditiveAttention,
    Attention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    MultiHeadAttention,
    ScaledAttention,
    build_attention,
    masked_softmax,
)

ROWS, QUERIES, PLACES, QUERY, VALUE = 3, 4, 5, 2, 3
#: Rows with all, some and no valid places.
MASK = torch.tensor([[True] * 5, [True, False, True, False, False], [False] * 5])[:, None]
SCORED = ["additive", "dot", "dot of equal widths", "general", "concat", "scaled", "scaled of equal widths"]
each_score = pytest.mark.parametrize("name", SCORED)
each_attention = pytest.mark.parametrize("name", [*SCORED, "multihead"])


def build(name):
    value = QUERY if "of equal widths" in name else VALUE
    attention = build_attention(name.split()[0], query_size=QUERY, value_size=value, attention_size=4)
    return attention.double(), torch.randn(ROWS, PLACES, value, dtype=torch.float64)


def random_query(count=QUERIES):
    return torch.randn(ROWS, count, QUERY, dtype=torch.float64)


def softmax_loop(scores, mask):
    weights = [0.0] * len(scores)
    valid = [place for place, there in enumerate(mask) if there]
    if valid:
        highest = max(scores[place] for place in valid)
        powers = {place: math.exp(scores[place] - highest) for place in valid}
        for place in valid:
            weights[place] = powers[place] / sum(powers.values())
    return weights


def close(ours, expected):
    torch.testing.assert_close(ours, torch.as_tensor(expected, dtype=ours.dtype), rtol=1e-12, atol=1e-14)


# --- masked_softmax ---


@pytest.mark.parametrize("per_query", [False, True], ids=["one mask a row", "one mask a query"])
def test_masked_softmax_equals_a_loop(per_query):
    scores = torch.randn(ROWS, QUERIES, PLACES, dtype=torch.float64) * 5
    mask = torch.rand(ROWS, QUERIES, PLACES) < 0.5 if per_query else MASK
    every = mask.expand_as(scores).tolist()
    expected = [
        [softmax_loop(scores[b, q].tolist(), every[b][q]) for q in range(QUERIES)] for b in range(ROWS)
    ]
    close(masked_softmax(scores, mask), expected)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e30, -1e30])
def test_masked_places_weigh_exactly_0_whatever_their_score(value):
    scores = torch.randn(ROWS, QUERIES, PLACES, dtype=torch.float64)
    expected = masked_softmax(scores, MASK)
    dirty = scores.masked_fill(~MASK, value).requires_grad_()
    weights = masked_softmax(dirty, MASK)
    assert torch.equal(weights, expected)
    assert not weights[~MASK.expand_as(weights)].any()
    weights.square().sum().backward()
    assert dirty.grad.isfinite().all()
    assert not dirty.grad[~MASK.expand_as(weights)].any()


def test_a_row_without_a_valid_place_gives_zeros_and_zero_gradients():
    scores = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    weights = masked_softmax(scores, torch.zeros(2, 1, 4, dtype=torch.bool))
    weights.sum().backward()
    assert not weights.any()
    assert not scores.grad.any()


def test_masked_softmax_is_differentiable():
    scores = torch.randn(ROWS, 2, PLACES, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: masked_softmax(x, MASK), scores)


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [
        (torch.bfloat16, torch.float32),
        (torch.float16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_masked_softmax_never_works_in_half_precision(dtype, wanted):
    weights = masked_softmax(torch.zeros(ROWS, 1, PLACES, dtype=dtype), MASK)
    assert weights.dtype == wanted
    close(weights[0, 0], [0.2] * 5)


# --- the interface ---


@each_score
def test_the_context_is_the_weighted_sum_of_the_values(name):
    attention, values = build(name)
    query = random_query()
    keys = attention.project(values)
    context, weights = attention(query, keys, values, MASK)
    scores = attention.score(query, keys)
    for row in range(ROWS):
        for q in range(QUERIES):
            expected = softmax_loop(scores[row, q].tolist(), MASK[row, 0].tolist())
            close(weights[row, q].detach(), expected)
            mixed = sum(weight * value for weight, value in zip(expected, values[row], strict=True))
            close(context[row, q].detach(), mixed)


@each_attention
def test_a_row_without_a_valid_place_gives_zeros_and_finite_gradients(name):
    attention, values = build(name)
    query, values = random_query().requires_grad_(), values.requires_grad_()
    context, weights = attention(query, attention.project(values), values, MASK)
    assert not context[2].any()
    assert not weights[2].any()
    (context.square().sum() + weights.sin().sum()).backward()
    for tensor in (query, values, *attention.parameters()):
        assert tensor.grad.isfinite().all()
    assert not query.grad[2].any()
    assert not values.grad[2].any()
    assert query.grad[:2].any()


@each_attention
@pytest.mark.parametrize("poison", [1e9, -1e9])
def test_padding_weighs_exactly_0_and_changes_nothing(name, poison):
    attention, values = build(name)
    query = random_query()
    clean = attention(query, attention.project(values), values, MASK)
    dirty = values.masked_fill(~MASK[:, 0, :, None], poison)
    poisoned = attention(query, attention.project(dirty), dirty, MASK)
    assert torch.equal(poisoned[1], clean[1])
    close(poisoned[0].detach(), clean[0].detach())
    assert not poisoned[1][~MASK.expand(-1, QUERIES, -1)].any()


@each_attention
@pytest.mark.parametrize("poison", [float("nan"), float("inf"), 1e9])
def test_what_was_read_holds_nothing_of_the_padding(name, poison):
    attention, values = build(name)
    query = random_query().requires_grad_()
    dirty = values.masked_fill(~MASK[:, 0, :, None], poison).requires_grad_()
    results = []
    for given in (values.requires_grad_(), dirty):
        keys, cleaned = attention.read(given, MASK[:, 0])
        context, weights = attention(query, keys, cleaned, MASK)
        total = context.square().sum() + weights.sin().sum()
        inputs = [query, given, *attention.parameters()]
        results.append([context, weights, *torch.autograd.grad(total, inputs)])
    for ours, expected in zip(*results, strict=True):
        assert torch.equal(ours, expected)
    assert not results[1][1][~MASK.expand(-1, QUERIES, -1)].any()
    assert not results[1][3][~MASK[:, 0]].any()


@each_attention
def test_permuted_rows_and_places_permute_the_answer(name):
    attention, values = build(name)
    query, mask = random_query(), MASK.clone()
    context, weights = attention(query, attention.project(values), values, mask)
    rows, places = torch.tensor([2, 0, 1]), torch.tensor([3, 1, 4, 0, 2])
    moved, moved_weights = attention(
        query[rows],
        attention.project(values[rows][:, places]),
        values[rows][:, places],
        mask[rows][..., places],
    )
    close(moved.detach(), context[rows].detach())
    close(moved_weights.detach(), weights[rows][..., places].detach())


@each_attention
def test_each_query_is_answered_on_its_own(name):
    attention, values = build(name)
    query, keys = random_query(), attention.project(values)
    context, weights = attention(query, keys, values, MASK)
    for q in range(QUERIES):
        lone = attention(query[:, q : q + 1], keys, values, MASK)
        close(context[:, q : q + 1].detach(), lone[0].detach())
        close(weights[:, q : q + 1].detach(), lone[1].detach())


@each_attention
def test_each_query_may_have_a_mask_of_its_own(name):
    attention, values = build(name)
    query, keys = random_query(), attention.project(values)
    mask = torch.rand(ROWS, QUERIES, PLACES) < 0.6
    context, _ = attention(query, keys, values, mask)
    for q in range(QUERIES):
        lone, _ = attention(query[:, q : q + 1], keys, values, mask[:, q : q + 1])
        close(context[:, q : q + 1].detach(), lone.detach())


@each_attention
def test_without_a_mask_every_place_may_be_attended_to(name):
    attention, values = build(name)
    query = random_query()
    answers = []
    for mask in (None, torch.ones(ROWS, PLACES, dtype=torch.bool)):
        keys, read = attention.read(values, mask)
        answers.append(attention(query, keys, read, None if mask is None else mask[:, None]))
    for own, expected in zip(*answers, strict=True):
        assert torch.equal(own, expected)


@each_attention
def test_a_row_alone_equals_the_row_in_a_batch(name):
    attention, values = build(name)
    query = random_query()
    context, _ = attention(query, attention.project(values), values, MASK)
    for row in range(ROWS):
        only = slice(row, row + 1)
        lone, _ = attention(query[only], attention.project(values[only]), values[only], MASK[only])
        close(context[only].detach(), lone.detach())


@each_attention
def test_gradients_are_right(name):
    attention, values = build(name)
    query = random_query(2).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda q, v: attention(q, attention.project(v), v, MASK), (query, values.requires_grad_())
    )


@each_attention
def test_bf16_autocast_on_a_cpu(name):
    attention, values = build(name)
    attention, values, query = attention.float(), values.float(), random_query().float()
    exact, exact_weights = attention(query, attention.project(values), values, MASK)
    with torch.autocast("cpu", torch.bfloat16):
        context, weights = attention(query, attention.project(values), values, MASK)
    assert weights.dtype == torch.float32
    torch.testing.assert_close(weights, exact_weights, rtol=0, atol=0.03)
    torch.testing.assert_close(context.float(), exact, rtol=0, atol=0.06)


def test_the_interface_itself_cannot_be_built():
    with pytest.raises(TypeError, match="abstract"):
        Attention()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("additive", AdditiveAttention),
        ("dot", DotAttention),
        ("general", GeneralAttention),
        ("concat", ConcatAttention),
        ("scaled", ScaledAttention),
        ("multihead", MultiHeadAttention),
    ],
)
def test_build_attention_knows_every_name(name, kind):
    attention = build_attention(name, query_size=4, value_size=6)
    assert type(attention) is kind
    assert isinstance(attention, nn.Module)


def test_additive_attention_is_as_wide_as_the_query_unless_told():
    assert build_attention("additive", query_size=4, value_size=6).key.out_features == 4
    assert build_attention("additive", query_size=4, value_size=6, attention_size=9).key.out_features == 9


def test_concat_and_multi_head_attention_are_as_wide_as_the_query_unless_told():
    for size, width in ((None, 4), (8, 8)):
        sizes = {"query_size": 4, "value_size": 6, "attention_size": size}
        assert build_attention("concat", **sizes).energy.in_features == width
        assert build_attention("multihead", **sizes).output.in_features == width


@pytest.mark.parametrize(("width", "heads"), [(8, 4), (12, 4), (6, 2), (3, 1)])
def test_heads_are_4_or_as_many_as_the_width_admits(width, heads):
    assert build_attention("multihead", query_size=width, value_size=5).heads == heads


def test_heads_that_were_asked_for_are_built():
    assert build_attention("multihead", query_size=6, value_size=5, heads=3).heads == 3


def test_an_unknown_name_is_refused():
    with pytest.raises(ParameterError, match="attention is 'cosine'"):
        build_attention("cosine", query_size=4, value_size=6)
