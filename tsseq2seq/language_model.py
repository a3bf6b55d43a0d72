"""Seq2SeqLanguageModel: a decoder alone, fitted on texts, continues texts and tells how likely they are."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tsseq2seq import persistence
from tsseq2seq.data.sample_weights import checked_weights
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer
from tsseq2seq.data.text.unlisted import warn_of_words_not_listed
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.language.network import build_language_model, check_without_encoder
from tsseq2seq.language.texts import (
    held_out_pieces,
    no_sources,
    text_pieces,
    texts_to_train_on,
    whole_texts,
)
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.settings import check_number, plain
from tsseq2seq.token_writer import TokenizerChoice
from tsseq2seq.training.seeding import own_generator
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import continued_token_settings, resolve_token_settings
from tsseq2seq.translation.fitted import FittedTokens
from tsseq2seq.translation.fitting import fit_tokens
from tsseq2seq.translation.prefixes import encode_prefixes
from tsseq2seq.translation.remarks import (
    warn_of_unknown_targets,
    warn_of_unsplit_words,
    warn_of_zero_width,
)
from tsseq2seq.translation.search_options import parse_search_options

__all__ = ["Seq2SeqLanguageModel"]


@persistence.register
class Seq2SeqLanguageModel(Estimator):
    """Learn how texts go on: a recurrent network that reads the tokens so far and predicts the next one.

    Parameters
    ----------
    tokenizer
        How texts become tokens: ``"char"``, ``"word"``, ``"bpe"``, a fitted tokeniser, or a pair of functions
        (text to tokens, tokens to text), which cannot be saved.
    vocabulary
        The tokens, without the special ones. None: collected from the texts of the fit.
    cleaning
        Cleaning of texts before they are tokenised. None: for words the default one, else one that keeps line
        breaks and blanks.
    min_count
        Least number of occurrences in training. Rarer tokens become the unknown token.
    max_vocabulary
        Most tokens of the vocabulary. None: all (8,000 for ``"bpe"``).
    piece_length
        Longer texts are cut into pieces of so many tokens for training; each begins anew, as if nothing had
        been before it.
    output
        Settings of the output: loss, label smoothing, shared weights, sampled softmax.
    network
        The cell, its width and depth, the embedding and dropout; a language model has no encoder and no
        attention.
    training
        The optimisation; ``batch_size`` counts pieces of mean length. ``validation_size`` counts texts, which
        are held out whole; of a single text it counts pieces, whose tokens are in the vocabulary.
    seed
        Seed of weights and batches. None: drawn.

    Attributes
    ----------
    fitted_ : FittedTokens
        The networks and their tokeniser.
    network_, training_, output_
        The resolved settings.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error, token accuracy of the pieces held out, and seconds by training
        step.
    n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqLanguageModel, Training
    >>> model = Seq2SeqLanguageModel(
    ...     network=Network(hidden_size=32), training=Training(max_steps=100, learning_rate=0.01)
    ... ).fit(["one two three", "one two four"])
    >>> model.predict(["one t"], max_length=4)
    ['one two t']
    >>> model.perplexity(["one two three"]) < model.perplexity(["three two one"])
    True
    """

    def __init__(
        self,
        tokenizer: TokenizerChoice = "char",
        *,
        vocabulary: Sequence[str] | None = None,
        cleaning: Cleaning | None = None,
        min_count: int = 1,
        max_vocabulary: int | None = None,
        piece_length: int = 256,
        output: Tokens = Tokens(label_smoothing=0.0),
        network: Network = Network(num_layers=2, dropout=0.2),
        training: Training = Training(),
        seed: int | None = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary
        self.cleaning = cleaning
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.piece_length = piece_length
        self.output = output
        self.network = network
        self.training = training
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str],
        *,
        sample_weight: object = None,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqLanguageModel:
        """Train on texts.

        Parameters
        ----------
        texts
            The texts; each ends with the end token.
        sample_weight
            How much each text counts in the loss and in the validation error, at least 0; all of its pieces
            have its weight. A text with the weight 2 counts as if it were there twice; one with 0 is not
            learned, but its tokens are in the vocabulary. None: all the same.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Tokeniser and vocabulary are those of the earlier fit. Settings that determine the networks must
            not change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqLanguageModel
            This estimator. It is unchanged if an argument is refused.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or a text is invalid; the message names the first one.
        """
        started = time.monotonic()
        self._check_parameters()
        texts = checked_sentences(texts, "texts", allow_empty=False)
        if not texts:
            raise DataError("texts is empty; at least one text is needed")
        weights = checked_weights(sample_weight, len(texts), "text")
        previous: FittedTokens | None = self._earlier(warm_start)
        # what is held out decides on nothing that is learned
        rows = texts_to_train_on(len(texts), self.training)
        trained = [texts[row] for row in rows]
        tokenizer = self._tokenizer(trained) if previous is None else previous.target
        pieces = text_pieces(texts, tokenizer, plain(self.piece_length), weights)
        warn_of_zero_width({"texts": texts}, self._cleaning())
        warn_of_unsplit_words("texts", texts, tokenizer)
        whole = whole_texts(texts, tokenizer).targets
        warn_of_words_not_listed("texts", whole, texts, self.vocabulary)
        held_out = held_out_pieces(whole, rows, plain(self.piece_length), self.training)
        resolved = resolve_token_settings(
            pieces.subset(torch.nonzero(~held_out)[:, 0]),
            tokenizer.vocabulary_size,
            network=self.network,
            training=self.training,
            output=self.output,
        )
        count = len(texts) - len(rows) if len(texts) > 1 else int(held_out.sum())
        training = dataclasses.replace(resolved.training, validation_size=count)
        resolved = dataclasses.replace(resolved, training=training)
        if previous is not None:
            resolved = continued_token_settings(
                resolved, previous.resolved, network=self.network, output=self.output
            )
        checkpoint = self._checkpoint(resume)
        fitted, records = fit_tokens(
            pieces,
            tokenizer,
            tokenizer,
            resolved,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            build_model=build_language_model,
            previous=previous,
            checkpoint=checkpoint,
            held_out_rows=held_out,
        )
        self._adopt(fitted)
        self._note_training(records, checkpoint)
        return self

    def _tokenizer(self, texts: list[str]) -> TextTokenizer:
        """Return the tokeniser of texts, as asked for."""
        return build_tokenizer(
            self.tokenizer,
            texts,
            cleaning=self._cleaning(),
            min_count=plain(self.min_count),
            max_size=plain(self.max_vocabulary),
            vocabulary=self.vocabulary,
        )

    def predict(self, prompts: Sequence[str], **options: Any) -> list[str]:  # noqa: ANN401
        """Return each prompt with its continuation: the likeliest one found, or of samples the likeliest.

        Parameters
        ----------
        prompts, options
            As for :meth:`generate`.

        Returns
        -------
        list of str
            The texts, prompts included.
        """
        return [
            row[0].text if row else prompt
            for prompt, row in zip(prompts, self.generate(prompts, **options), strict=True)
        ]

    def generate(
        self,
        prompts: Sequence[str],
        *,
        max_length: int = 200,
        seed: int | None = None,
        unknown: bool | None = None,
        **search: Any,  # noqa: ANN401
    ) -> list[list[Hypothesis]]:
        """Continue texts, by sampling or by a search for the likeliest continuations.

        Parameters
        ----------
        prompts
            The beginnings; an empty one leaves all to the model. At their end a blank is kept.
        max_length
            Most tokens after the prompt, the end token included.
        seed
            Seed of the random numbers. None: in sampling drawn anew at each call, in beam search none.
        unknown
            Whether the unknown token may be written. None: if it occurred among the texts of the fit.
        search
            For sampling, ``temperature``, ``top_k``, ``top_p`` and ``num_samples``; for beam search, fields
            of :class:`~tsseq2seq.decoding.beam.Beam`, of which ``beam_size=1`` is greedy search. Without
            options: beam search.

        Returns
        -------
        list of list of Hypothesis
            For each prompt, the best first; texts, tokens and log-probabilities include the prompt.

        Raises
        ------
        ParameterError
            If options of beam search and of sampling are given together, or a prompt has a token that is not
            in the vocabulary.
        """
        self._check_fitted()
        check_number("generate", "max_length", max_length, low=1, high=1_000_000, integer=True)
        check_number("generate", "seed", seed, low=0, high=2**63 - 1, integer=True, optional=True)
        settings = parse_search_options(search, owner="generate")
        prompts = checked_sentences(prompts, "prompts")
        if not prompts:
            return []
        fitted = self.fitted_
        forced = encode_prefixes(
            prompts, fitted.target, len(prompts), owner="generate", name="prompts", allow_empty=True
        ).to(fitted.device)
        rows = fitted.search(
            no_sources(len(prompts)).to(fitted.device),
            settings,
            max_length=(forced >= 0).sum(1) + max_length,
            prefix=forced if forced.shape[1] else None,
            generator=None if seed is None else own_generator(seed, fitted.device),
            unknown=unknown,
            alignment=False,
        )
        return [[self._with_text(hypothesis) for hypothesis in row] for row in rows]

    def score_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-probability of each text, read whole, with its end token.

        Parameters
        ----------
        texts
            The texts; an empty one has the log-probability of ending at once.

        Returns
        -------
        numpy.ndarray
            (texts,), natural logarithms.
        """
        self._check_fitted()
        pairs = self._pairs(checked_sentences(texts, "texts"))
        return np.array([float(row.double().sum()) for row in self._token_scores(pairs)])

    def perplexity(self, texts: Sequence[str]) -> float:
        """Return the perplexity: among how many tokens the model is undecided, on geometric average.

        Parameters
        ----------
        texts
            The texts; each is read whole, and its end token counts.
        """
        return float(np.exp(-self.score(texts)))

    def score(self, texts: Sequence[str]) -> float:
        """Return the mean log-probability of the tokens of texts; higher is better.

        Parameters
        ----------
        texts
            As for :meth:`perplexity`.
        """
        self._check_fitted()
        texts = checked_sentences(texts, "texts")
        if not texts:
            raise DataError("texts is empty; at least one text is needed")
        scores = self._token_scores(self._pairs(texts))
        return float(torch.cat(scores).double().mean())

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
        device = resolve_device(self.training.device)
        self._adopt(FittedTokens.from_parts(learned, tensors, device, build_model=build_language_model))
        self._restore_training(learned)

    def _adopt(self, fitted: FittedTokens) -> None:
        self.fitted_ = fitted
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.output_ = fitted.resolved.output

    def _cleaning(self) -> Cleaning:
        if self.cleaning is not None:
            return self.cleaning
        fitted = getattr(self.tokenizer, "cleaning", None)
        if fitted is not None:
            return fitted
        return Cleaning() if self.tokenizer == "word" else Cleaning(whitespace="keep")

    def _check_parameters(self) -> None:
        name = type(self).__name__
        for field, expected in {"output": Tokens, "network": Network, "training": Training}.items():
            value = getattr(self, field)
            if not isinstance(value, expected):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {expected.__name__}")
        if self.cleaning is not None and not isinstance(self.cleaning, Cleaning):
            raise ParameterTypeError(f"{name}: cleaning is {self.cleaning!r}; it must be a Cleaning or None")
        check_without_encoder(self.network)
        check_number(name, "piece_length", self.piece_length, low=1, high=1_000_000, integer=True)
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)

    def _pairs(self, texts: list[str]) -> TokenPairs:
        pairs = whole_texts(texts, self.fitted_.target)
        warn_of_unknown_targets(pairs.targets, texts, self.fitted_.resolved.writes_unknown, "texts")
        return pairs

    def _token_scores(self, pairs: TokenPairs) -> list[torch.Tensor]:
        return self.fitted_.score(pairs.to(self.fitted_.device)) if len(pairs) else []

    def _with_text(self, hypothesis: Hypothesis) -> Hypothesis:
        text = self.fitted_.target.decode(list(hypothesis.tokens), SPECIAL[UNK])
        return dataclasses.replace(hypothesis, text=text)
