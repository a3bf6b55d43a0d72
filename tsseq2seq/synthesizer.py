"""Seq2SeqSynthesizer: an encoder–decoder that is fitted on texts and arrays, and writes arrays of texts."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.evenly_spaced import rows_to_train_on
from tsseq2seq.data.sample_weights import checked_weights
from tsseq2seq.data.sequences.checked import checked_arrays
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation.alignment import weights_frame
from tsseq2seq.evaluation.metrics.time_warping import time_warping_distance
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.losses.elementwise import LOSSES
from tsseq2seq.nn.network import Network
from tsseq2seq.settings import check_choice, check_number, plain
from tsseq2seq.synthesis.defaults import continued_frame_settings, resolve_frame_settings
from tsseq2seq.synthesis.fitted import FittedFrames
from tsseq2seq.synthesis.fitting import fit_frames
from tsseq2seq.synthesis.frames import FramePairs, encode_texts, standardised
from tsseq2seq.synthesis.network import check_synthesis_network
from tsseq2seq.synthesis.remarks import warn_of_missing_ends, warn_of_unknown_tokens
from tsseq2seq.synthesis.writing import Written
from tsseq2seq.token_writer import TokenizerChoice
from tsseq2seq.training.training import Training

__all__ = ["Seq2SeqSynthesizer"]


@persistence.register
class Seq2SeqSynthesizer(Estimator):
    """Synthesize: from texts to sequences of numbers, such as the spectrogram of speech.

    The text is encoded, and a decoder writes frames, each from the one before, until it writes an end. It is
    the transcriber the other way round. As in Tacotron, the last frame enters the next step through a pre-net
    with dropout, so that it cannot simply be copied, and a step may write several frames. Location attention
    sees where in the text it has been, and goes on from there.

    Parameters
    ----------
    tokenizer
        How texts become tokens: ``"char"``, ``"word"``, ``"bpe"``, or a pair of functions (text to tokens,
        tokens to text), which cannot be saved.
    frames_per_step
        Frames that a decoder step writes. The more, the fewer steps there are, and the sooner the attention
        is learnt.
    prenet_dropout
        Dropout of the pre-net in training.
    loss
        Loss of the standardised numbers: ``"mse"``, ``"mae"`` or ``"huber"``. The binary cross-entropy of the
        end is added. Where durations vary, the most likely next frame is one more of the same, and
        ``"mae"``, whose minimiser is the median, drags.
    cleaning
        Cleaning of texts before they are tokenised.
    min_count
        Least number of occurrences in training. Rarer tokens become the unknown token.
    max_vocabulary
        Most tokens of the vocabulary. None: all (8,000 for ``"bpe"``).
    network
        The architecture.
    training
        The optimisation; ``batch_size`` counts pairs of mean length, ``validation_size`` counts pairs.
    seed
        Seed of weights, batches and scheduled sampling; the same seed gives the same model on the same
        machine. None: drawn.

    Attributes
    ----------
    fitted_ : FittedFrames
        The networks, the tokeniser and the standardisation.
    network_, training_
        The resolved settings.
    frames_per_token_ : float
        The most frames for a token, the end of the text included, in the fit. A text may have half as many
        again, and ten more, unless :meth:`predict` is given a ``max_length``.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error and seconds by training step.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.
    n_features_out_ : int
        Numbers of a frame.

    References
    ----------
    Wang et al., "Tacotron: towards end-to-end speech synthesis", Interspeech 2017; Shen et al., "Natural TTS
    synthesis by conditioning WaveNet on mel spectrogram predictions", ICASSP 2018.

    Examples
    --------
    Sounds of two pitches, as the energies of two bands; the high one is longer:

    >>> import numpy as np
    >>> from tsseq2seq import Network, Seq2SeqSynthesizer, Training
    >>> low, high = np.tile([1.0, 0.0], (3, 1)), np.tile([0.0, 1.0], (5, 1))
    >>> texts = ["low high", "high low", "low", "high"]
    >>> sounds = [np.concatenate(parts) for parts in ([low, high], [high, low], [low], [high])]
    >>> synthesizer = Seq2SeqSynthesizer(
    ...     "word",
    ...     network=Network(hidden_size=32, attention="location"),
    ...     training=Training(max_steps=200, learning_rate=0.01),
    ... ).fit(texts, sounds)
    >>> [frames.shape for frames in synthesizer.predict(texts)]
    [(8, 2), (8, 2), (3, 2), (5, 2)]
    """

    def __init__(
        self,
        tokenizer: TokenizerChoice = "char",
        *,
        frames_per_step: int = 2,
        prenet_dropout: float = 0.5,
        loss: str = "mse",
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_vocabulary: int | None = None,
        network: Network = Network(
            encoder="convolutional", num_layers=2, attention="location", initial_state="zeros", dropout=0.1
        ),
        training: Training = Training(),
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.frames_per_step = frames_per_step
        self.prenet_dropout = prenet_dropout
        self.loss = loss
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.network = network
        self.training = training
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str],
        arrays: Sequence[np.ndarray],
        *,
        sample_weight: object = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqSynthesizer:
        """Train on texts and their frames.

        Parameters
        ----------
        texts
            The texts.
        arrays
            An array (T, F) of each, frames by features, all with F features; lengths may differ.
        sample_weight
            How much each pair counts in the loss and in the validation error, at least 0. A pair with the
            weight 2 counts as if it were there twice. One with 0 is not learned, but it is standardised with
            the others. None: all the same.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Tokeniser and standardisation are those of the earlier fit. Settings that determine the networks
            must not change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqSynthesizer
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter, a text or an array is invalid; the message names the first one. Of an array it
            shows shape and type, never its numbers.
        """
        started = time.monotonic()
        self._check_parameters()
        texts, arrays = _checked_pairs(texts, arrays)
        previous: FittedFrames | None = self._earlier(warm_start)
        # what is measured must not depend on what is held out
        rows = rows_to_train_on(len(texts), self.training.held_out_pairs(len(texts)))
        if previous is None:
            tokenizer, scale = self._measured([texts[row] for row in rows], [arrays[row] for row in rows])
        else:
            tokenizer, scale = previous.tokenizer, previous.standardisation
            _check_width(arrays, scale)
        weights = checked_weights(sample_weight, len(texts))
        pairs = FramePairs(encode_texts(texts, tokenizer), standardised(arrays, scale), weights)
        resolved = resolve_frame_settings(
            pairs.subset(rows),
            network=self.network,
            training=self.training,
            loss=self.loss,
            prenet_dropout=self.prenet_dropout,
            frames_per_step=self.frames_per_step,
        )
        if previous is not None:
            resolved = continued_frame_settings(resolved, previous.resolved, network=self.network)
        checkpoint = self._checkpoint(resume)
        fitted, records = fit_frames(
            pairs,
            tokenizer,
            scale,
            resolved,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            previous=previous,
            checkpoint=checkpoint,
        )
        self._adopt(fitted)
        self._note_training(records, checkpoint)
        return self

    def _measured(self, texts: list[str], arrays: list[np.ndarray]) -> tuple[TextTokenizer, Standardisation]:
        """Return the tokeniser of texts, and by what the features of arrays are scaled."""
        tokenizer = build_tokenizer(
            self.tokenizer,
            texts,
            cleaning=self.cleaning,
            min_count=plain(self.min_count),
            max_size=plain(self.max_vocabulary),
        )
        return tokenizer, Standardisation.of(FeatureSequences.of(arrays))

    def predict(self, texts: Sequence[str], *, max_length: int | None = None) -> list[np.ndarray]:
        """Write the frames of each text.

        Parameters
        ----------
        texts
            The texts.
        max_length
            Most frames of a text. None: in proportion to its tokens, see ``frames_per_token_``.

        Returns
        -------
        list of numpy.ndarray
            An array (T, F) of each text, float32, in the units of the fit. With several members each frame is
            the mean of theirs.

        Raises
        ------
        DataError
            If a text is empty.

        Warns
        -----
        DataWarning
            If a text has tokens that the fit has not seen, or was cut because its end never came.
        """
        return [written.frames for written in self._write(texts, max_length)[1]]

    def attention(self, texts: Sequence[str], *, max_length: int | None = None) -> pd.DataFrame:
        """Return where in the text each frame was read from, for ``plotting.plot_attention``.

        Parameters
        ----------
        texts, max_length
            As for :meth:`predict`.

        Returns
        -------
        pandas.DataFrame
            A row for each pair of a frame and a token: ``sentence`` (the text, from 0), ``step`` and
            ``place`` (positions of frame and token, from 1), ``target`` and ``source`` (the frame's position,
            and the token; the last token is the end), and ``weight``. Frames of one decoder step have the
            same weights.

        Raises
        ------
        ParameterError
            If the network has no attention.
        """
        self._check_fitted()
        if self.network_.attention is None:
            raise ParameterError("attention: the network has none; fit with Network(attention='location')")
        sources, rows = self._write(texts, max_length)
        names = [self.fitted_.tokenizer.names(sources[row]) for row in range(len(sources))]
        frames = [[str(frame + 1) for frame in range(len(written.frames))] for written in rows]
        return weights_frame([written.weights for written in rows], names, frames)

    def evaluate(
        self, texts: Sequence[str], arrays: Sequence[np.ndarray], *, max_length: int | None = None
    ) -> dict[str, float]:
        """Compare what is written with references.

        Parameters
        ----------
        texts, arrays
            Texts and their references.
        max_length
            As for :meth:`predict`.

        Returns
        -------
        dict
            ``frame_mae``: mean absolute error of the numbers, each frame written from the true one before it.
            ``dtw``: mean distance of what is written freely, by dynamic time warping, see
            :func:`~tsseq2seq.evaluation.metrics.time_warping.time_warping_distance`; in the same units.
            ``length_error``: mean share of the true number of frames by which the number written differs.
        """
        self._check_fitted()
        fitted = self.fitted_
        texts, arrays = _checked_pairs(texts, arrays, width=self.n_features_out_)
        sources, rows = self._write(texts, max_length)
        pairs = FramePairs(sources, standardised(arrays, fitted.standardisation))
        written = [row.frames for row in rows]
        return {
            "frame_mae": fitted.forced_error(pairs),
            "dtw": float(
                np.mean([time_warping_distance(*both) for both in zip(written, arrays, strict=True)])
            ),
            "length_error": float(
                np.mean(
                    [abs(len(one) - len(true)) / len(true) for one, true in zip(written, arrays, strict=True)]
                )
            ),
        }

    def score(self, texts: Sequence[str], arrays: Sequence[np.ndarray]) -> float:
        """Return minus the distance ``dtw`` of :meth:`evaluate`; higher is better.

        Parameters
        ----------
        texts, arrays
            Texts and their references.
        """
        return -self.evaluate(texts, arrays)["dtw"]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        Of a folder that holds a saved model, the two files of the model are replaced, and all else stays; any
        other that is not empty is refused.
        """
        self._check_fitted()
        persistence.save(self, path)

    def learned(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        return parts | self._training_parts(), tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Restore what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        self._adopt(FittedFrames.from_parts(learned, tensors, resolve_device(self.training.device)))
        self._restore_training(learned)

    @property
    def n_features_out_(self) -> int:
        """Numbers of a frame in the fit."""
        self._check_fitted()
        return self.fitted_.standardisation.width

    def _adopt(self, fitted: FittedFrames) -> None:
        self.fitted_ = fitted
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.frames_per_token_ = fitted.resolved.frames_per_token

    def _check_parameters(self) -> None:
        name = type(self).__name__
        for field, expected in {"cleaning": Cleaning, "network": Network, "training": Training}.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {expected.__name__}")
        check_synthesis_network(name, self.network)
        check_choice(name, "loss", self.loss, tuple(LOSSES))
        check_number(name, "frames_per_step", self.frames_per_step, low=1, high=1000, integer=True)
        check_number(name, "prenet_dropout", self.prenet_dropout, low=0, high=0.99)
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    def _write(self, texts: Any, max_length: int | None) -> tuple[TokenSequences, list[Written]]:  # noqa: ANN401
        """Return the tokens of the texts, and what is written of them."""
        self._check_fitted()
        check_number("predict", "max_length", max_length, low=1, high=1_000_000, integer=True, optional=True)
        texts = checked_sentences(texts, "texts", allow_empty=False)
        sources = encode_texts(texts, self.fitted_.tokenizer)
        warn_of_unknown_tokens(sources, texts)
        written = self.fitted_.synthesize(sources, None if max_length is None else int(max_length))
        warn_of_missing_ends(written, texts)
        return sources, written


def _checked_pairs(
    texts: Any,  # noqa: ANN401
    arrays: Any,  # noqa: ANN401
    width: int | None = None,
) -> tuple[list[str], list[np.ndarray]]:
    """Return texts and arrays as lists of the same length."""
    texts = checked_sentences(texts, "texts", allow_empty=False)
    arrays = checked_arrays(arrays, "arrays", width=width)
    if len(texts) != len(arrays):
        raise DataError(
            f"there are {len(texts)} texts and {len(arrays)} arrays; each text needs its own array"
        )
    if not texts:
        raise DataError("texts and arrays are empty; at least one pair is needed")
    return texts, arrays


def _check_width(arrays: list[np.ndarray], scale: Standardisation) -> None:
    """Refuse a warm start with more or fewer features."""
    width = arrays[0].shape[1]
    if width != scale.width:
        raise DataError(
            f"warm_start: arrays have {width} features, but the model was fitted on {scale.width}"
        )
