"""The language of a name: those of languages and countries in six languages, as Babel ships them."""

from __future__ import annotations

from collections import Counter

import pytest
from babel import Locale
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from tsseq2seq import Network, Seq2SeqClassifier, Training

CODES = ("cs", "de", "fi", "fr", "hu", "it")


def names() -> tuple[list[str], list[str]]:
    """Return the names that are written so in one of the languages only, and their languages."""
    found = [
        (name, code)
        for code in CODES
        for name in sorted({*Locale(code).languages.values(), *Locale(code).territories.values()})
    ]
    count = Counter(name for name, _ in found)
    unique = [(name, code) for name, code in found if count[name] == 1]
    return [name for name, _ in unique], [code for _, code in unique]


@pytest.mark.slow
def test_the_language_of_a_name_by_its_letters() -> None:
    """No worse than logistic regression on one to four letters in a row."""
    texts, codes = names()
    known, new, known_codes, new_codes = train_test_split(
        texts, codes, test_size=0.25, random_state=0, stratify=codes
    )
    model = Seq2SeqClassifier(
        "char",
        network=Network(hidden_size=64, bidirectional=True, dropout=0.3),
        training=Training(max_steps=500, learning_rate=5e-3, progress=False),
    ).fit(known, known_codes)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    beside = make_pipeline(letters, LogisticRegression(C=10, max_iter=1000)).fit(known, known_codes)
    found = model.evaluate(new, new_codes)
    assert len(texts) > 3000
    assert found["accuracy"] > 0.78
    assert found["accuracy"] > beside.score(new, new_codes)
