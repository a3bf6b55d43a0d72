"""What is measured for a fit and what is trained on are the same rows, however validation_size is given."""

from __future__ import annotations

import pytest

from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.data.evenly_spaced import rows_to_train_on


@pytest.mark.parametrize("size", [3, 0.2, 0.5])
def test_a_letter_of_a_held_out_sentence_is_unknown(size: float) -> None:
    letters = "abcdefghijklmno"
    count = round(size * len(letters)) if isinstance(size, float) else size
    training = Training(max_steps=1, validation_size=size, progress=False)
    model = Seq2SeqTranslator(network=Network(hidden_size=4), training=training)
    model.fit(list(letters), list(letters))
    assert model.training_.validation_size == count
    kept = {letters[row] for row in rows_to_train_on(len(letters), count)}
    known = set(model.fitted_.target.vocabulary.tokens) & set(letters)
    assert known == kept
    assert len(kept) == len(letters) - count
