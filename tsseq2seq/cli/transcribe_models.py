"""Building a transcriber from the options of a command, loading one, and reporting on it."""

from __future__ import annotations

from pathlib import Path

import tsseq2seq
from tsseq2seq.cli import show, transcribe_options, translate_options
from tsseq2seq.errors import ModelFileError, ParameterError

__all__ = ["load_transcriber", "make_transcriber", "tell_transcriber"]


def make_transcriber(
    texts: transcribe_options.Texts,
    architecture: transcribe_options.Architecture,
    learning: translate_options.Learning,
) -> tsseq2seq.Seq2SeqTranscriber:
    """Return an unfitted transcriber with the settings of the options.

    Raises
    ------
    ParameterError
        If there is a stride without patches.
    """
    transcriber = tsseq2seq.Seq2SeqTranscriber(patches=_patches(architecture))
    transcriber.set_params(
        tokenizer=texts.tokenizer,
        cleaning__lowercase=texts.lowercase,
        cleaning__punctuation=texts.punctuation,
        min_count=texts.min_count,
        max_vocabulary=texts.max_vocabulary,
        output__label_smoothing=learning.label_smoothing,
        network__encoder=architecture.encoder,
        network__bidirectional="recurrent" in architecture.encoder.split("+"),
        network__hidden_size=architecture.hidden_size,
        network__num_layers=architecture.layers,
        network__attention=None if architecture.attention == "none" else architecture.attention,
        network__dropout=architecture.dropout,
        training__learning_rate=learning.learning_rate,
        training__batch_size=learning.batch_size,
        training__validation_size=learning.validation_size,
        training__members=learning.members,
        training__max_steps=learning.max_steps,
        training__max_time=learning.max_time,
        training__device=learning.device,
        training__progress=learning.progress,
        seed=learning.seed,
    )
    return transcriber


def load_transcriber(model: Path) -> tsseq2seq.Seq2SeqTranscriber:
    """Load a saved transcriber.

    Raises
    ------
    ModelFileError
        If the folder holds no model, or a model that is not a transcriber.
    """
    fitted = tsseq2seq.load(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqTranscriber):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not transcribe")
    return fitted


def tell_transcriber(transcriber: tsseq2seq.Seq2SeqTranscriber) -> None:
    """Report features, vocabulary size and width, and the steps and time of training."""
    show.tell(
        f"{transcriber.n_features_in_:,} features a step, {transcriber.fitted_.target.vocabulary_size:,} "
        f"different tokens; width {transcriber.network_.hidden_size}; "
        f"{show.training_steps(transcriber.history_, transcriber.training_.max_steps)}"
    )


def _patches(architecture: transcribe_options.Architecture) -> tsseq2seq.Patches | None:
    if architecture.patches:
        return (
            tsseq2seq.Patches()
            if architecture.stride is None
            else tsseq2seq.Patches(stride=architecture.stride)
        )
    if architecture.stride is not None:
        raise ParameterError(f"--stride is {architecture.stride} without --patches, which it belongs to")
    return None
