"""Network(copy=True): names never seen are kept; searches, scores and losses are those of brute force."""

from __future__ import annotations

import itertools
import math
import re
import types
from typing import Any

import numpy as np
import pytest
import torch

from tsseq2seq import Network, Seq2SeqTranslator, Tokens, Training, Truncation, load, tune
from tsseq2seq.data.text.copyable import copyable_sources, copyable_targets, own_words
from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD, UNK
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import DataWarning, ParameterError, TrainingWarning
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import FittedTokens, build_token_model
from tsseq2seq.translation.minimum_risk import MinimumRisk
from tsseq2seq.translation.training_losses import TrainingLosses

# --- what is learned ---

NAMES = [f"{first}{last}" for first in ("Al", "Be", "Ca", "Do", "Er") for last in ("ba", "dor", "mia", "nus")]
VERBS = {"strike": "streiken", "sleep": "schlafen"}
WHO = {"nurses": "Pfleger", "cooks": "Köche"}


def pair(who: str, name: str, verb: str, other: str) -> tuple[str, str]:
    """The two names change places, so that order alone does not say which is which."""
    source = f"the {who} in {name} {verb} near {other}"
    return source, f"nahe {other} {VERBS[verb]} die {WHO[who]} in {name}"


def sentences(count: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(count):
        name, other = rng.choice(NAMES, 2, replace=False)
        rows.append(pair(str(rng.choice(list(WHO))), name, str(rng.choice(list(VERBS))), other))
    sources, targets = zip(*rows, strict=True)
    return list(sources), list(targets)


SOURCES, TARGETS = sentences(240)
HELD_OUT = [
    pair("nurses", "Vienna", "strike", "Graz"),
    pair("cooks", "Ulm", "sleep", "Vienna"),
    pair("cooks", "Graz", "strike", "Bonn"),
]
ASKED, WANTED = [list(column) for column in zip(*HELD_OUT, strict=True)]


@pytest.fixture(scope="module")
def reporter() -> Seq2SeqTranslator:
    """Names are rare words, which both vocabularies leave out."""
    return Seq2SeqTranslator(
        "word", min_count=60,
        network=Network(hidden_size=32, bidirectional=True, attention="general", copy=True),
        training=Training(max_steps=300, learning_rate=0.01, batch_size=16, progress=False, device="cpu"),
        output=Tokens(beside=["coverage"]), seed=0,
    ).fit(SOURCES, TARGETS)  # fmt: skip


def test_names_never_seen_are_kept_each_in_its_place(reporter: Seq2SeqTranslator) -> None:
    vocabularies = [
        set(side.vocabulary.tokens) for side in (reporter.fitted_.source, reporter.fitted_.target)
    ]
    assert not any({*NAMES, "Vienna", "Graz", "Ulm", "Bonn"} & known for known in vocabularies)
    assert reporter.predict(ASKED) == WANTED
    assert reporter.predict(ASKED, beam_size=1) == WANTED
    drawn = reporter.predict(ASKED, num_samples=3, temperature=0.1, seed=0)
    assert drawn == WANTED


def test_what_is_written_is_evaluated_and_scored_with_the_copied_words(reporter: Seq2SeqTranslator) -> None:
    scores = reporter.evaluate(ASKED, WANTED)
    assert scores["exact_match"] == scores["token_accuracy"] == 1.0
    assert scores["rougeL"] == pytest.approx(100.0)
    assert scores["perplexity"] < 1.5
    found = reporter.translate(ASKED, n_best=2)
    for row, hypotheses in enumerate(found):
        best = hypotheses[0]
        assert reporter.score_pairs([ASKED[row]], [best])[0] == pytest.approx(best.log_probability, rel=1e-4)
        text = reporter.score_pairs([ASKED[row]], [best.text])[0]
        assert text == pytest.approx(best.log_probability, rel=1e-4)
        assert hypotheses[1].log_probability < best.log_probability
    # the other way about the names are far less likely
    swapped = [WANTED[0].replace("Vienna", "X").replace("Graz", "Vienna").replace("X", "Graz")]
    assert reporter.score_pairs(ASKED[:1], swapped)[0] < reporter.score_pairs(ASKED[:1], WANTED[:1])[0] - 2


def test_the_attention_is_shown_with_the_words(reporter: Seq2SeqTranslator) -> None:
    frame = reporter.attention(ASKED[:1])
    assert list(dict.fromkeys(frame["source"])) == ASKED[0].split()
    looked = frame.loc[frame[frame["target"] == "Vienna"]["weight"].idxmax()]
    assert looked["source"] == "Vienna"


def test_a_prefix_may_hold_the_words_of_the_source(reporter: Seq2SeqTranslator) -> None:
    (found,) = reporter.predict(ASKED[:1], prefix="nahe Vienna")
    assert found.startswith("nahe Vienna ")
    beginnings = [" ".join(text.split()[:2]) for text in WANTED]
    assert reporter.predict(ASKED, prefix=beginnings) == WANTED
    with pytest.raises(ParameterError, match=r"prefix.*'nahe Rom'"):
        reporter.predict(ASKED[:1], prefix="nahe Rom")


def test_saved_and_loaded_it_copies_the_same(reporter: Seq2SeqTranslator, tmp_path: Any) -> None:
    reporter.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.network_.copy
    ours, theirs = reporter.translate(ASKED, n_best=3), again.translate(ASKED, n_best=3)
    for mine, other in zip(itertools.chain(*ours), itertools.chain(*theirs), strict=True):
        assert (mine.tokens, mine.text, mine.log_probability) == (
            other.tokens,
            other.text,
            other.log_probability,
        )
    assert again.evaluate(ASKED, WANTED) == reporter.evaluate(ASKED, WANTED)


def test_settings_changed_after_the_fit_change_no_reading(reporter: Seq2SeqTranslator, tmp_path: Any) -> None:
    reporter.save(tmp_path / "model")
    again = load(tmp_path / "model").set_params(network__copy=False)
    assert again.predict(ASKED) == WANTED
    assert again.evaluate(ASKED, WANTED, metrics=["token_accuracy"]) == {"token_accuracy": 1.0}


def test_copying_twice_is_refused(reporter: Seq2SeqTranslator) -> None:
    with pytest.raises(ParameterError, match="unknown is 'copy', but Network has copy=True"):
        reporter.translate(ASKED, unknown="copy")


def test_what_was_cut_off_cannot_be_copied() -> None:
    model = translator(truncation=Truncation(4))
    with pytest.warns(DataWarning, match="max_length=4"):
        model.fit(SOURCES, TARGETS)
    with pytest.warns(DataWarning, match="max_length=4"):
        (found,) = model.translate(ASKED[:1], num_samples=100, seed=0)
    assert any("Vienna" in one.text for one in found)
    assert all("Graz" not in one.text for one in found)


# --- untrained networks, against brute force ---

SOURCE_TOKENS, TARGET_TOKENS = build_tokenizer("word", ["a b in"]), build_tokenizer("word", ["x b"])
SIZE = TARGET_TOKENS.vocabulary_size
SHORT = ["a Ulm", "b", "Graz b Ulm Graz", "", "Ulm"]
WRITTEN = ["x Ulm", "b b", "Graz Ulm", "x", "Wien x"]


def copyable_pairs(sources: list[str] = SHORT, targets: list[str] = WRITTEN) -> TokenPairs:
    pairs = encode_pairs(sources, targets, SOURCE_TOKENS, TARGET_TOKENS, allow_empty=True)
    read = copyable_sources(pairs.sources, sources, SOURCE_TOKENS, TARGET_TOKENS)
    return TokenPairs(read, copyable_targets(pairs.targets, targets, TARGET_TOKENS, read))


PLAIN = Tokens(tied=False)


def fitted(members: int = 1, output: Tokens = PLAIN, **network: Any) -> FittedTokens:
    settings: dict[str, Any] = {"hidden_size": 4, "residual": None, "attention": "additive", "copy": True}
    resolved = ResolvedTokenSettings(
        Network(**settings | network), Training(), output, max_length=4, length_ratio=9.0
    )
    models = []
    for place in range(members):
        torch.manual_seed(place)
        model = build_token_model(resolved, SOURCE_TOKENS, TARGET_TOKENS).eval()
        with torch.no_grad():
            model.network.decoder.head.weight.mul_(4)
            model.network.decoder.switch.linear.weight.mul_(4)
        models.append(model)
    return FittedTokens(tuple(models), SOURCE_TOKENS, TARGET_TOKENS, resolved)


@torch.no_grad()
def next_words(found: FittedTokens, row: int, tokens: tuple[int, ...], pairs: TokenPairs) -> dict[int, float]:
    """Probability of each next word, of one sentence alone, mixed word by word from the parts."""
    words: dict[int, float] = {}
    tensor, lengths = pairs.sources.pad(torch.tensor([row]))
    for model in found.members:
        network = model.network
        state, memory = network.start(network.encode(tensor, lengths))
        for t, token in enumerate([BOS, *tokens]):
            fed = torch.tensor([[token if token < SIZE else UNK]])
            hidden, state, weights = network.decoder.hidden_step(fed, t, state, memory)
        width, head = network.decoder.recurrent.hidden_size, network.decoder.head
        scores = (hidden[0, 0, :width] @ head.weight.T + head.bias).double().softmax(-1).tolist()
        gate = 1 / (1 + math.exp(-float(hidden[0, 0, width])))
        if not float(weights.sum()):  # an empty source, or a window beyond its end
            gate = 1.0
        for word, score in enumerate(scores):
            words[word] = words.get(word, 0.0) + gate * score / len(found.members)
        for place in range(int(lengths[0])):
            word = int(tensor[0, place, 1])
            mass = (1 - gate) * float(weights[0, 0, place]) / len(found.members)
            words[word] = words.get(word, 0.0) + mass
    return words


def all_texts(found: FittedTokens, row: int, longest: int, pairs: TokenPairs) -> dict[tuple[int, ...], float]:
    """Log-probability of every finished sequence."""
    done: dict[tuple[int, ...], float] = {}
    open_ = {(): 0.0}
    for _ in range(longest):
        grown = {}
        for tokens, score in open_.items():
            for word, probability in next_words(found, row, tokens, pairs).items():
                if word not in (PAD, BOS) and probability > 0:
                    grown[(*tokens, word)] = score + math.log(probability)
        done |= {tokens: score for tokens, score in grown.items() if tokens[-1] == EOS}
        open_ = {tokens: score for tokens, score in grown.items() if tokens[-1] != EOS}
    return done


NETWORKS = {
    "fused": {},
    "before": {"attention_position": "before"},
    "fed": {"input_feeding": True, "attention_coverage": True},
    "first state alone": {"feed_output": False, "feed_context": True},
    "heads": {"attention": "multihead", "hidden_size": 4, "output_reads": "previous+context"},
    "window": {"attention_alignment": "monotonic", "attention_window": 1},
}


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_greedy_search_and_a_wide_beam_are_brute_force(name: str, members: int) -> None:
    pairs, found = copyable_pairs(), fitted(members, **NETWORKS[name])
    wide = Beam(beam_size=300, n_best=300, length_normalization=None)
    searched = found.search(pairs.sources, wide, max_length=3, unknown=True)
    greedy = found.search(pairs.sources, Beam(beam_size=1), max_length=4, unknown=True)
    copied = 0
    for row in range(len(SHORT)):
        expected = all_texts(found, row, 3, pairs)
        # beyond a window a word of the source has next to no probability; by hand it has none
        ended = {
            one.tokens: one.log_probability
            for one in searched[row]
            if one.finished and one.log_probability > -60
        }
        assert ended.keys() == expected.keys()
        for tokens, score in expected.items():
            assert ended[tokens] == pytest.approx(score, abs=1e-4)
        assert searched[row][0].tokens == max(expected, key=expected.__getitem__)
        tokens: tuple[int, ...] = ()
        while len(tokens) < 4 and (not tokens or tokens[-1] != EOS):
            words = next_words(found, row, tokens, pairs)
            tokens += (max((w for w in words if w not in (PAD, BOS)), key=words.__getitem__),)
        assert greedy[row][0].tokens == tokens
        copied += sum(token >= SIZE for token in tokens)
    assert sum(max(one) >= SIZE for one in expected) > 3
    assert name != "fused" or copied


def test_what_the_source_has_not_is_never_written() -> None:
    """In a batch with sources of more own words, by every way of decoding."""
    pairs, found = copyable_pairs(), fitted()
    for settings in (
        Beam(beam_size=40, n_best=40),
        Beam(beam_size=6, groups=3, diversity=1.0),
        Sampling(num_samples=60),
    ):
        rows = found.search(pairs.sources, settings, max_length=3, unknown=True)
        for row, hypotheses in enumerate(rows):
            largest = max(token for one in hypotheses for token in one.tokens)
            assert largest < SIZE + len(own_words(pairs.sources, row))


def test_samples_have_the_probabilities_of_brute_force() -> None:
    pairs, found = copyable_pairs(), fitted()
    torch.manual_seed(0)
    rows = found.search(pairs.sources, Sampling(num_samples=4000), max_length=1, unknown=True)
    for row in range(len(SHORT)):
        words = next_words(found, row, (), pairs)
        total = sum(p for word, p in words.items() if word not in (PAD, BOS))
        counts = np.bincount([one.tokens[0] for one in rows[row]], minlength=SIZE + 3) / 4000
        for word, probability in words.items():
            if word not in (PAD, BOS):
                assert counts[word] == pytest.approx(probability / total, abs=0.04)


def test_constraints_hold_for_copied_words() -> None:
    pairs, found = copyable_pairs(), fitted()
    rows = found.search(pairs.sources, Beam(no_repeat_ngram=1, min_length=3), max_length=4, unknown=True)
    for hypotheses in rows:
        for one in hypotheses:
            assert len(set(one.tokens)) == len(one.tokens) >= 4
    prefix = torch.tensor([[SIZE], [-1], [SIZE], [-1], [SIZE]])
    for row, (one,) in enumerate(found.search(pairs.sources, Beam(), prefix=prefix, unknown=True)):
        assert prefix[row, 0] in (-1, one.tokens[0])


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_and_loss_by_hand(name: str) -> None:
    pairs = copyable_pairs()
    found = fitted(output=Tokens(tied=False, label_smoothing=0.2), **NETWORKS[name])
    (model,) = found.members
    scores = found.score(pairs)
    losses = []
    for row in range(len(SHORT)):
        target = tuple(pairs.targets[row])
        for t, token in enumerate(target):
            words = next_words(found, row, target[:t], pairs)
            true = math.log(words[token])
            inside = np.mean([math.log(words[word]) for word in range(SIZE)])
            losses.append(-0.8 * true - 0.2 * inside)
            assert float(scores[row][t]) == pytest.approx(true, abs=1e-4)
    batch = pairs.batch(torch.arange(len(SHORT)))
    assert model(batch, truth_probability=1.0).item() == pytest.approx(np.mean(losses), rel=1e-4)
    judged, hits = model.judged(batch)
    torch.testing.assert_close(judged, torch.cat(scores), rtol=1e-4, atol=1e-4)
    accuracy, perplexity = found.accuracy_and_perplexity(pairs)
    assert accuracy == pytest.approx(hits.float().mean().item())
    assert math.log(perplexity) == pytest.approx(-judged.mean().item(), rel=1e-4)


def test_a_word_beyond_the_window_costs_much_and_spoils_no_gradient() -> None:
    pairs = copyable_pairs(["b b in b Ulm", "Graz"], ["Ulm Ulm", "Graz"])
    (model,) = fitted(attention_alignment="monotonic", attention_window=1).members
    batch = pairs.batch(torch.arange(2))
    scores = model.score(batch).detach()
    assert scores[0, 0] < -80 < scores[1, 0]
    loss = model(batch, truth_probability=1.0)
    gradients = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    assert loss.isfinite()
    assert all(gradient is None or gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("share", [0.7, 0.3, 0.0])
@pytest.mark.parametrize("name", ["fused", "before"])
def test_scheduled_sampling_feeds_copied_words_as_unknown(name: str, share: float) -> None:
    """Loss and gradients are numbers, and free running feeds the likeliest word, copied or not."""
    pairs, found = copyable_pairs(), fitted(**NETWORKS[name])
    (model,) = found.members
    batch = pairs.batch(torch.arange(len(SHORT)))
    loss = model(batch, truth_probability=share, generator=torch.Generator().manual_seed(0))
    gradients = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    assert loss.isfinite()
    assert all(gradient is None or gradient.isfinite().all() for gradient in gradients)
    if share == 0.0:
        decoded = model.decode(batch, truth_probability=0.0).detach()
        for row in range(len(SHORT)):
            words = next_words(found, row, (int(decoded[row, 0].argmax()),), pairs)
            for word, probability in words.items():
                assert decoded[row, 1, word].exp().item() == pytest.approx(probability, abs=1e-5)


def test_padding_in_a_batch_changes_nothing() -> None:
    pairs, found = copyable_pairs(), fitted()
    together = found.score(pairs)
    for row in range(len(SHORT)):
        (alone,) = found.score(pairs.subset(torch.tensor([row])))
        torch.testing.assert_close(together[row], alone, rtol=1e-4, atol=1e-5)


def test_losses_beside_see_copied_words_as_unknown_tokens() -> None:
    pairs = copyable_pairs()
    output = Tokens(
        tied=False, label_smoothing=0.0, beside=["transition", "coverage"], class_weights={"<unk>": 3.0}
    )
    losses = TrainingLosses.of(output, Network(attention="dot", copy=True), pairs, TARGET_TOKENS)
    (model,) = fitted(output=output).members
    model.losses = losses
    batch = pairs.batch(torch.arange(len(SHORT)))
    seen: list[types.SimpleNamespace] = []

    def see(decoded: Any) -> torch.Tensor:
        seen.append(
            types.SimpleNamespace(target=decoded.target, logits=decoded.logits, source=decoded.source)
        )
        return decoded.logits.sum() * 0

    model.losses = TrainingLosses(losses.weights, (*losses.beside, see))
    loss = model(batch, truth_probability=1.0)
    (gradient,) = torch.autograd.grad(loss, model.network.decoder.switch.linear.weight)
    assert loss.isfinite()
    assert gradient.isfinite().all()
    assert int(seen[0].target.max()) < SIZE
    assert seen[0].source.shape == batch.source.shape[:2]
    torch.testing.assert_close(seen[0].logits.exp().sum(-1), torch.ones(batch.target.shape))


@pytest.mark.parametrize("changed", [{"precision": "bf16"}, {"members": 2}, {"validation_size": 20}])
def test_trainings_of_every_kind(changed: dict[str, Any]) -> None:
    training = Training(max_steps=6, batch_size=16, progress=False, device="cpu", **changed)
    model = translator(training=training).fit(SOURCES, TARGETS)
    assert np.isfinite(model.history_["loss"]).all()
    (found,) = model.translate(ASKED[:1])
    assert np.isfinite(found[0].log_probability)


def test_minimum_risk_by_edits_reads_copied_words() -> None:
    model = translator(minimum_risk=MinimumRisk(share=0.5, candidates=3)).fit(SOURCES, TARGETS)
    assert np.isfinite(model.history_["loss"]).all()


# --- refusals ---


def translator(**settings: Any) -> Seq2SeqTranslator:
    usual: dict[str, Any] = {
        "tokenizer": "word",
        "min_count": 60,
        "network": Network(hidden_size=8, attention="dot", copy=True),
        "training": Training(max_steps=4, batch_size=16, progress=False, device="cpu"),
        "seed": 0,
    }
    return Seq2SeqTranslator(**usual | settings)


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("it was trained")

    monkeypatch.setattr("tsseq2seq.translation.fitting.train_members", refuse)


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"tokenizer": "bpe", "min_count": 1}, ("copy=True", "tokenizer is 'bpe'")),
        ({"target_tokenizer": "bpe", "min_count": 1}, ("copy=True", "target_tokenizer is 'bpe'")),
        ({"target_tokenizer": "char"}, ("copy=True", "tokenizer and target_tokenizer")),
        ({"output": Tokens(loss="focal")}, ("copy=True", "loss='focal'")),
        ({"output": Tokens(loss="negative_sampling")}, ("copy=True", "loss='negative_sampling'")),
        ({"output": Tokens(sampled_above=4)}, ("copy is True", "sampled_above=4")),
        ({"minimum_risk": MinimumRisk(cost=lambda one, other: 0.0)}, ("copy=True", "minimum_risk")),
    ],
)
def test_what_does_not_go_with_copying_is_refused_before_training(
    settings: dict[str, Any], named: tuple[str, str]
) -> None:
    with pytest.raises(ParameterError) as refusal:
        translator(**settings).fit(SOURCES, TARGETS)
    message = str(refusal.value)
    assert all(part in message for part in named), message
    assert ". " not in message


def test_without_unknown_words_in_training_it_says_so() -> None:
    with pytest.warns(TrainingWarning, match=re.escape("copy=True, but no source")):
        translator(min_count=1).fit(SOURCES, TARGETS)


def test_a_search_may_try_both() -> None:
    model = translator(network=Network(hidden_size=8, attention="dot"))
    space = {"network__copy": [False, True]}
    found = tune(model, SOURCES, TARGETS, space=space, trials=3, metric="exact_match", windows=5)
    assert set(found.trials["network__copy"]) == {False, True}
    with pytest.raises(ParameterError, match="metric is 'perplexity', but space has 'network__copy'"):
        tune(model, SOURCES, TARGETS, space=space, trials=2, metric="perplexity")
