"""The pointer-generator against loops over words: its probabilities, its gradients, and what is not there."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pointer_generator import Copyable, CopyableEmbedding, GenerationSwitch, PointerHead
from tsseq2seq.translation.network import TokenShape, build_translator

WIDTH, VOCABULARY, UNKNOWN = 5, 7, 3


def head_of(seed: int = 0) -> PointerHead:
    torch.manual_seed(seed)
    head = PointerHead(WIDTH, VOCABULARY, unknown=UNKNOWN).double()
    with torch.no_grad():
        head.bias.normal_()
    return head


def inputs(numbers: Tensor, queries: int = 2, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shape = (len(numbers), queries)
    state = torch.randn(*shape, WIDTH, generator=generator, dtype=torch.float64)
    switch = torch.randn(*shape, 1, generator=generator, dtype=torch.float64)
    scores = torch.randn(*shape, numbers.shape[1], generator=generator, dtype=torch.float64)
    return state, switch, scores.softmax(-1)


def by_loops(head: PointerHead, state: Tensor, switch: Tensor, weights: Tensor, numbers: Tensor) -> list:
    """See et al. 2017, equations 8 and 9, one word after another; an absent word is left out."""
    found = []
    for row in range(len(numbers)):
        queries = []
        for query in range(state.shape[1]):
            logits = [
                sum(w * h for w, h in zip(weight, state[row, query].tolist(), strict=True)) + bias
                for weight, bias in zip(head.weight.tolist(), head.bias.tolist(), strict=True)
            ]
            total = sum(math.exp(logit) for logit in logits)
            gate = 1 / (1 + math.exp(-float(switch[row, query, 0])))
            words = {word: gate * math.exp(logit) / total for word, logit in enumerate(logits)}
            for place, word in enumerate(numbers[row].tolist()):
                mass = (1 - gate) * float(weights[row, query, place])
                words[word] = words.get(word, 0.0) + mass
            queries.append(words)
        found.append(queries)
    return found


@given(
    numbers=st.lists(
        st.lists(st.integers(0, VOCABULARY - 1), min_size=4, max_size=4), min_size=1, max_size=3
    ),
    own=st.lists(st.integers(0, 4), min_size=3, max_size=3),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_the_mixture_sums_to_one_and_is_that_of_loops(
    numbers: list[list[int]], own: list[int], seed: int
) -> None:
    """Some rows have own words, some none; a word may stand in several places."""
    rows = [[*range(VOCABULARY, VOCABULARY + own[i]), *row][:6] for i, row in enumerate(numbers)]
    width = max(map(len, rows))
    tensor = torch.tensor([row + row[:1] * (width - len(row)) for row in rows])
    head = head_of(seed)
    state, switch, weights = inputs(tensor, seed=seed)
    copyable = Copyable.of(tensor, VOCABULARY)
    scores = head(torch.cat([state, switch, weights], -1), copyable).detach()
    assert scores.shape[-1] == max(VOCABULARY, int(tensor.max()) + 1)
    torch.testing.assert_close(scores.exp().sum(-1), torch.ones(len(rows), 2, dtype=torch.float64))
    for row, queries in enumerate(by_loops(head, state, switch, weights, tensor)):
        for query, words in enumerate(queries):
            for word, score in enumerate(scores[row, query].tolist()):
                if word in words:
                    assert score == pytest.approx(math.log(words[word]), rel=1e-9, abs=1e-12)
                else:
                    assert score == -math.inf


def test_gradients_in_float64() -> None:
    numbers = torch.tensor([[7, 4, 8, 7], [5, 5, 4, 0]])
    head, copyable = head_of(), Copyable.of(numbers, VOCABULARY)
    state, switch, weights = (tensor.requires_grad_() for tensor in inputs(numbers))
    finite = torch.ones(2, 2, 9, dtype=torch.bool)
    finite[1, :, 7:] = False

    def scores(state: Tensor, switch: Tensor, weights: Tensor) -> Tensor:
        return head(torch.cat([state, switch, weights], -1), copyable)[finite]

    assert torch.autograd.gradcheck(scores, (state, switch, weights))


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_losses_at_few_words_are_those_of_the_whole_mixture(smoothing: float) -> None:
    """Values and gradients; words that stand twice, own words, padding, and a source with nothing to copy."""
    numbers = torch.tensor([[7, 4, 4, 7, 5], [5, 5, 4, 0, 0], [7, 8, 9, 6, 6], [0, 0, 0, 0, 0]])
    head, copyable = head_of(), Copyable.of(numbers, VOCABULARY)
    state, switch, weights = inputs(numbers, queries=1)
    weights[1, :, 3:] = weights[3] = 0.0
    packed = torch.cat([state, switch, weights], -1)[:, 0].requires_grad_()
    truth = torch.tensor([7, 4, 6, 2])
    scores = head(packed[:, None], copyable)[:, 0]
    expected = -(1 - smoothing) * scores.gather(1, truth[:, None])[:, 0]
    expected = expected - smoothing * scores[:, :VOCABULARY].mean(-1)
    found = head.losses(packed, copyable, truth, smoothing)
    torch.testing.assert_close(found, expected)
    gradients = [torch.autograd.grad(loss.sum(), packed, retain_graph=True)[0] for loss in (found, expected)]
    torch.testing.assert_close(gradients[0][:3], gradients[1][:3])
    assert gradients[0].isfinite().all()


def test_gradients_of_the_whole_network_in_float64() -> None:
    """Through attention, switch and head, for a word that is copied, one that is not, and the end."""
    torch.manual_seed(0)
    network = Network(hidden_size=3, attention="additive", copy=True, residual=None)
    model = build_translator(network, TokenShape(6, VOCABULARY)).double().eval()
    source = torch.tensor([[[4, 7], [3, 8], [5, 5]]])
    parameters = [p for p in model.parameters() if p.requires_grad]
    truth = torch.tensor([[8, 5, 2]])

    def loss(*_: Tensor) -> Tensor:
        state, memory = model.start(model.encode(source, torch.tensor([3])))
        scores, _, _ = model.run(torch.tensor([[1, 8, 5]]), state, memory)
        return -scores.gather(-1, truth[..., None]).sum()

    assert torch.autograd.gradcheck(loss, tuple(parameters), atol=1e-6)


def test_every_gradient_is_finite_where_nothing_can_be_copied() -> None:
    """An empty source, a window beyond the end: all weights are 0, and the word is generated."""
    numbers = torch.tensor([[7, 8], [0, 0]])
    head, copyable = head_of(), Copyable.of(numbers, VOCABULARY)
    state, switch, _ = inputs(numbers)
    weights = torch.zeros(2, 2, 2, dtype=torch.float64)
    packed = torch.cat([state, switch, weights], -1).requires_grad_()
    scores = head(packed, copyable)
    alone = (state @ head.weight.T + head.bias).log_softmax(-1)
    torch.testing.assert_close(scores[..., :VOCABULARY], alone)
    torch.testing.assert_close(scores.exp().sum(-1), torch.ones(2, 2, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(scores[..., :VOCABULARY].sum() + scores[0, :, 7:].sum(), packed)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("gate", [-200.0, 200.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_switch_that_is_sure_loses_no_number(gate: float, dtype: torch.dtype) -> None:
    numbers = torch.tensor([[7, 4]])
    head = head_of().to(dtype)
    state, _, weights = inputs(numbers, queries=1)
    packed = torch.cat([state, torch.full_like(state[..., :1], gate), weights], -1).to(dtype)
    packed = packed.detach().requires_grad_()
    scores = head(packed, Copyable.of(numbers, VOCABULARY))
    assert scores.dtype == torch.float32
    (gradient,) = torch.autograd.grad(scores[..., 7].sum() + scores[..., 4].sum(), packed)
    assert scores.isfinite().all()
    assert gradient.isfinite().all()
    assert scores.exp().sum().item() == pytest.approx(1.0, abs=1e-2 if dtype == torch.bfloat16 else 1e-5)


def test_within_the_vocabulary_copied_words_are_unknown() -> None:
    numbers = torch.tensor([[7, 8, 4], [5, 5, 4]])
    head = head_of()
    scores = head(torch.cat(inputs(numbers), -1), Copyable.of(numbers, VOCABULARY)).detach()
    folded = head.within_vocabulary(scores).exp()
    expected = scores.exp()[..., :VOCABULARY].clone()
    expected[..., UNKNOWN] += scores.exp()[..., VOCABULARY:].sum(-1)
    torch.testing.assert_close(folded, expected)


def test_copied_tokens_are_read_as_unknown() -> None:
    embedding = CopyableEmbedding(VOCABULARY, 4, unknown=UNKNOWN)
    vectors = embedding(torch.tensor([[6, 7, 50, UNKNOWN]]))
    torch.testing.assert_close(vectors[0, 1:], vectors[0, 3:].expand(3, -1))
    assert not torch.equal(vectors[0, 0], vectors[0, 1])


@pytest.mark.parametrize("fed", [True, False])
@pytest.mark.parametrize("position", ["after", "before"])
def test_the_switch_reads_context_state_and_input(fed: bool, position: str) -> None:
    network = Network(
        hidden_size=4,
        attention="dot",
        attention_position=position,
        feed_output=fed,
        copy=True,
        residual=None,
    )
    model = build_translator(network, TokenShape(6, VOCABULARY))
    switch = model.decoder.switch
    assert isinstance(switch, GenerationSwitch)
    assert switch.linear.in_features == 4 + 4 + (4 if fed else 0)
    assert not hasattr(
        build_translator(Network(hidden_size=4, residual=None), TokenShape(6, 7)).decoder.head, "unknown"
    )
