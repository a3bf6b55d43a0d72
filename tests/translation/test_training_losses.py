"""Losses of a translator, all the way: by name, as settings and as functions; weights; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq import MinimumRisk, Network, Seq2SeqTranslator, Tokens, Training, load
from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.losses import FocalLoss, MonotonicAlignment, NegativeSampling, TransitionLoss
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.network import TokenShape, build_translator
from tsseq2seq.translation.training_losses import TrainingLosses

SOURCES = ["ab", "ba", "aab", "b", "bba", "abab", "a"]
TARGETS = ["xy", "yx", "xxy", "y", "yyx", "xyxy", "x"]
NETWORK = Network(hidden_size=16, attention="dot")
TOKENIZER = build_tokenizer("char", TARGETS)
PAIRS = encode_pairs(SOURCES, TARGETS, build_tokenizer("char", SOURCES), TOKENIZER)


def fitted(output: Tokens, **settings) -> Seq2SeqTranslator:
    training = Training(max_steps=20, progress=False, validation_size=2)
    arguments = {"network": NETWORK, "training": training} | settings
    return Seq2SeqTranslator(output=output, **arguments).fit(SOURCES, TARGETS)


@pytest.mark.parametrize(
    "output",
    [
        Tokens(loss="focal"),
        Tokens(loss=FocalLoss(0.5), class_weights={"x": 3.0, "<eos>": 0.5}),
        Tokens(loss="negative_sampling"),
        Tokens(loss=NegativeSampling(8), class_weights="balanced", tied=True),
        Tokens(beside=["transition", MonotonicAlignment(0.5)], class_weights="balanced"),
        Tokens(sampled_above=3, samples=2, beside=[TransitionLoss(0.3, order=3)], class_weights={"x": 2}),
    ],
    ids=lambda output: repr(output)[:60],
)
def test_fit_save_and_load(output: Tokens, tmp_path) -> None:
    translator = fitted(output)
    assert np.isfinite(translator.history_["loss"]).all()
    translator.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.output.loss == output.loss
    assert loaded.output.class_weights == output.class_weights
    assert loaded.output.beside == output.beside
    assert loaded.predict(SOURCES, max_length=9) == translator.predict(SOURCES, max_length=9)


@pytest.mark.parametrize("loss", ["focal", NegativeSampling(1000)])
def test_the_pairs_are_learned(loss) -> None:
    """Scores of negative sampling are log-probabilities nearly, so that the search and the scores hold."""
    training = Training(max_steps=300, learning_rate=0.01, progress=False)
    translator = fitted(Tokens(loss=loss), training=training)
    assert translator.predict(SOURCES) == TARGETS
    assert translator.evaluate(SOURCES, TARGETS, metrics=["perplexity"])["perplexity"] < 1.6


def test_functions_see_tokens_and_sources() -> None:
    seen = []

    def loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        seen.append((tuple(logits.shape), tuple(truth.shape)))
        return torch.nn.functional.cross_entropy(logits, truth, reduction="none")

    def beside(decoded) -> torch.Tensor:
        assert decoded.source_mask.sum() == (decoded.source > 0).sum()
        assert decoded.weights.shape == (*decoded.target.shape, decoded.source.shape[1])
        seen.append(tuple(decoded.logits.shape))
        return 0.1 * decoded.logits.square().mean()

    fitted(Tokens(loss=loss, beside=[beside]))
    (tokens, size), batch = seen[0][0], seen[1]
    assert (tokens, size) == (seen[0][1][0], 6)
    assert batch[2] == 6
    assert len(seen) == 40


def model_with(output: Tokens, losses: TrainingLosses) -> TokenModel:
    torch.manual_seed(0)
    network = build_translator(Network(hidden_size=6, residual=None, attention="dot"), TokenShape(6, 6))
    return TokenModel(network, output, losses).eval()


@pytest.mark.parametrize("name", ["cross_entropy", "focal"])
def test_class_weights_are_a_weighted_mean(name: str) -> None:
    output = Tokens(label_smoothing=0.0, loss=name, class_weights={"x": 4.0})
    losses = TrainingLosses.of(output, NETWORK, PAIRS, TOKENIZER)
    model = model_with(output, losses)
    batch = PAIRS.batch(torch.arange(len(PAIRS)))
    truth = batch.target[batch.target_mask]
    every = output.elementwise_loss(model.decode(batch)[batch.target_mask], truth).detach().numpy()
    x = TOKENIZER.encode("x")[0]
    expected = np.average(every, weights=np.where(truth.numpy() == x, 4.0, 1.0))
    assert model(batch, truth_probability=1.0).item() == pytest.approx(expected, rel=1e-5)
    if name == "cross_entropy":
        reference = torch.nn.functional.cross_entropy(
            model.decode(batch)[batch.target_mask], truth, weight=losses.weights
        )
        assert reference.item() == pytest.approx(expected, rel=1e-5)


def test_balanced_weights_are_scikit_learns() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    found = TrainingLosses.of(Tokens(class_weights="balanced"), NETWORK, PAIRS, TOKENIZER).weights
    tokens = PAIRS.targets.tokens.numpy()
    for token, weight in zip(
        np.unique(tokens), compute_class_weight("balanced", classes=np.unique(tokens), y=tokens), strict=True
    ):
        assert found[token].item() == pytest.approx(weight)
    assert found[0] == found[3] == 1


def test_nothing_chosen_changes_nothing() -> None:
    batch = PAIRS.batch(torch.arange(len(PAIRS)))
    plain = model_with(Tokens(), TrainingLosses())(batch, truth_probability=1.0)
    chosen = Tokens(loss="cross_entropy", class_weights=None, beside=[])
    again = model_with(chosen, TrainingLosses.of(chosen, NETWORK, PAIRS, TOKENIZER))
    assert torch.equal(plain, again(batch, truth_probability=1.0))


def test_a_token_named_like_a_mark_of_the_file_is_a_token(tmp_path) -> None:
    """Weights of "float", "dict" … come back as weights."""
    for word in ("float", "dict", "optimizer"):
        translator = Seq2SeqTranslator(
            "word", output=Tokens(class_weights={word: 2.0}), network=Network(hidden_size=8),
            training=Training(max_steps=2, progress=False),
        ).fit(["a", "b"], [f"{word} x", "x"])  # fmt: skip
        translator.save(tmp_path / word)
        assert load(tmp_path / word).output.class_weights == {word: 2.0}


def test_a_risk_may_read_the_source() -> None:
    seen = set()

    def cost(found: str, truth: str, source: str) -> float:
        seen.add((truth, source))
        return float(len(found) != len(source))

    training = Training(max_steps=10, progress=False)
    fitted(Tokens(), minimum_risk=MinimumRisk(cost, share=1.0, reads_source=True), training=training)
    assert seen == {(target, source) for source, target in zip(SOURCES, TARGETS, strict=True)}
    with pytest.raises(ParameterError, match=r"reads_source is True but cost is 'edit_distance'"):
        MinimumRisk(reads_source=True)


@pytest.mark.parametrize(
    ("output", "network", "message"),
    [
        (Tokens(beside=["monotonic"]), Network(hidden_size=8), r"beside has .*attention=None"),
        (Tokens(class_weights={"q": 2.0}), NETWORK, r"class_weights has 'q', which is no token"),
        (Tokens(loss="focal", sampled_above=3), NETWORK, r"loss is 'focal' but .*sampled_above=3"),
        (Tokens(beside=[TransitionLoss(order=8)]), NETWORK, r"reach"),
        (Tokens(loss=lambda logits, truth: logits.sum()), NETWORK, r"loss returned a tensor of shape \(\)"),
    ],
)
def test_what_cannot_be_is_refused_by_fit(output: Tokens, network: Network, message: str) -> None:
    if message == "reach":  # a small vocabulary allows the highest order
        assert np.isfinite(fitted(output).history_["loss"]).all()
        return
    with pytest.raises(ParameterError, match=message):
        fitted(output, network=network)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"loss": "hinge"}, ParameterError, "loss is 'hinge'.*'focal'"),
        ({"loss": "negative_sampling", "label_smoothing": 0.3}, ParameterError, "label_smoothing is 0.3 but loss"),
        ({"loss": lambda a, b: a, "label_smoothing": 0.3}, ParameterError, "label_smoothing is 0.3 but loss"),
        ({"class_weights": "even"}, ParameterError, "class_weights is 'even'"),
        ({"class_weights": [1.0, 2.0]}, ParameterTypeError, "class_weights is"),
        ({"class_weights": {"a": -1}}, ParameterError, r"class_weights\['a'\] is -1"),
        ({"beside": "transition"}, ParameterTypeError, "beside is 'transition'; it must be a list"),
        ({"beside": ["ngrams"]}, ParameterError, "beside is 'ngrams'.*'transition'"),
    ],
)  # fmt: skip
def test_what_is_refused_where_it_is_written(
    settings: dict, error: type, message: str, unchecked_types
) -> None:
    with pytest.raises(error, match=message):
        Tokens(**settings)
