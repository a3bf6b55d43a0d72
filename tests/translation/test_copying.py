"""Copying by attention: names never seen are kept; the alignment alone decides what is copied."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import ParameterError
from tsseq2seq.translation.copying import with_copies

NAMES = [f"{first}{last}" for first in ("Al", "Be", "Ca", "Do", "Er") for last in ("ba", "dor", "mia", "nus")]
VERBS = {"strike": "streiken", "sleep": "schlafen", "work": "arbeiten"}
WHO = {"nurses": "Pfleger", "cooks": "Köche"}


def pair(who: str, name: str, verb: str) -> tuple[str, str]:
    return f"the {who} in {name} {verb}", f"die {WHO[who]} in {name} {VERBS[verb]}"


PAIRS = [pair(who, name, verb) for name in NAMES for who in WHO for verb in list(VERBS)]
SOURCES, TARGETS = [list(side) for side in zip(*PAIRS[::2], strict=True)]


@pytest.fixture(scope="module")
def copier() -> Seq2SeqTranslator:
    """Names are rare words, so that both vocabularies leave them out."""
    return Seq2SeqTranslator(
        "word", min_count=8, network=Network(hidden_size=32, bidirectional=True, attention="general"),
        training=Training(max_steps=250, learning_rate=0.01, batch_size=16, progress=False), seed=0,
    ).fit(SOURCES, TARGETS)  # fmt: skip


def test_a_name_never_seen_is_kept(copier) -> None:
    asked = [
        pair("nurses", "Vienna", "strike"),
        pair("cooks", "Ulm", "sleep"),
        pair("nurses", "Graz", "work"),
    ]
    sources, targets = [list(side) for side in zip(*asked, strict=True)]
    assert copier.predict(sources, unknown="copy") == targets
    assert copier.predict(sources) == [
        " ".join("<unk>" if word in ("Vienna", "Ulm", "Graz") else word for word in text.split())
        for text in targets
    ]
    assert copier.evaluate(sources, targets, metrics=["exact_match"], unknown="copy") == {"exact_match": 1.0}
    assert copier.evaluate(sources, targets, metrics=["rougeL"])["rougeL"] == pytest.approx(80.0)


def test_samples_and_beams_copy_by_their_own_alignment(copier) -> None:
    source, _ = pair("nurses", "Vienna", "strike")
    for options in ({"beam_size": 3, "n_best": 3}, {"num_samples": 3, "temperature": 2.0, "seed": 0}):
        for found in copier.translate([source], unknown="copy", **options)[0]:
            words = found.text.split()
            for place, token in enumerate(token for token in found.tokens if token > 2):
                if token == UNK:
                    step = [t for t, one in enumerate(found.tokens) if one > 2][place]
                    assert step == place
                    assert words[place] == "Vienna"
                else:
                    assert words[place] == copier.fitted_.target.vocabulary.tokens[token]


def replaced(copier, source: str, attended: int, truncation: Truncation = Truncation()) -> str:
    """The text of the unknown token alone, attended to at one place."""
    places = min(len(source.split()), truncation.max_length or 99)
    alignment = torch.full((1, places), 0.1)
    alignment[0, attended] = 0.9
    found = Hypothesis((UNK,), -1.0, -1.0, (-1.0,), alignment, True)
    fitted = copier.fitted_
    return with_copies(found, source, fitted.source, fitted.target, truncation).text


def test_the_attention_chooses_among_unknown_words_and_among_all_if_there_are_none(copier) -> None:
    assert [replaced(copier, "the Vienna in Ulm work", place) for place in (1, 3)] == ["Vienna", "Ulm"]
    assert replaced(copier, "the Vienna in work", 2) == "Vienna"
    assert [replaced(copier, "the cooks in work", place) for place in (0, 2)] == ["the", "in"]


@pytest.mark.parametrize("side", ["back", "front"])
def test_the_alignment_is_of_what_truncation_left(copier, side: str) -> None:
    source = "Wien Graz Linz Ulm Bonn"
    found = [replaced(copier, source, place, Truncation(3, side=side)) for place in range(3)]
    assert found == (source.split()[:3] if side == "back" else source.split()[-3:])


def test_an_empty_source_has_nothing_to_copy(copier) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (text,) = copier.predict([""], unknown="copy", max_length=4)
    assert "<unk>" not in text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": Network(hidden_size=8)}, "unknown is 'copy', but Network has attention=None"),
        ({"tokenizer": "bpe", "min_count": 1}, "unknown is 'copy', but the tokenizer is 'bpe'"),
        ({"min_count": 1}, "unknown is 'copy', but no target of the fit had an unknown token"),
    ],
)
def test_what_cannot_copy_is_refused(settings: dict, message: str) -> None:
    defaults = {
        "tokenizer": "word", "min_count": 8, "network": Network(hidden_size=8, attention="dot"),
        "training": Training(max_steps=1, progress=False),
    }  # fmt: skip
    model = Seq2SeqTranslator(**defaults | settings).fit(SOURCES, TARGETS)
    with pytest.raises(ParameterError, match=message):
        model.translate(SOURCES[:1], unknown="copy")


def test_other_words_are_refused(copier) -> None:
    with pytest.raises(ParameterError, match="unknown is 'keep'"):
        copier.translate(SOURCES[:1], unknown="keep")
    assert np.isfinite(copier.score_pairs(SOURCES[:1], TARGETS[:1])).all()
