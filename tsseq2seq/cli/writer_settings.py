"""Settings that the commands ``translate`` and ``transcribe`` make of the same options."""

from __future__ import annotations

from typing import Any

from tsseq2seq.cli import transcribe_options, translate_options

__all__ = ["writer_settings"]


def writer_settings(
    texts: translate_options.Tokens | transcribe_options.Texts,
    architecture: translate_options.Architecture | transcribe_options.Architecture,
    learning: translate_options.Learning,
) -> dict[str, Any]:
    """Return parameters of an estimator that writes tokens, for its ``set_params``."""
    return {
        "tokenizer": texts.tokenizer,
        "cleaning__lowercase": texts.lowercase,
        "cleaning__punctuation": texts.punctuation,
        "min_count": texts.min_count,
        "max_vocabulary": texts.max_vocabulary,
        "output__label_smoothing": learning.label_smoothing,
        "network__encoder": architecture.encoder,
        "network__bidirectional": "recurrent" in architecture.encoder.split("+"),
        "network__hidden_size": architecture.hidden_size,
        "network__num_layers": architecture.layers,
        "network__attention": None if architecture.attention == "none" else architecture.attention,
        "network__dropout": architecture.dropout,
        "training__learning_rate": learning.learning_rate,
        "training__batch_size": learning.batch_size,
        "training__validation_size": learning.validation_size,
        "training__members": learning.members,
        "training__max_steps": learning.max_steps,
        "training__max_time": learning.max_time,
        "training__device": learning.device,
        "training__progress": learning.progress,
        "seed": learning.seed,
    }
