"""What the library says in the words of Python, in those of the command."""

from __future__ import annotations

import re

from tsseq2seq.cli.phrases import PHRASES

__all__ = ["as_options"]

# Parameters whose option is called otherwise.
_RENAMED = {
    "season_length": "--season",
    "lags": "--lag",
    "study_name": "--study",
    "refit": "--refit-every",
    "past_covariates": "--past-col",
    "future_covariates": "--future-col",
    "static_covariates": "--static-col",
    "num_layers": "--layers",
    "truncation": "--truncate",
}
_FORECASTING = """
    horizon, context_length, segment_length, stride, floor, ceiling, freq, seed, id_col, time_col,
    target_col, max_steps, max_time, members, device, windows, step, trials, timeout, metric, storage,
    jobs, heartbeat, levels, calendar, country, season_length, lags, study_name, refit, past_covariates,
    window_length, latent_size, false_alarms, noise, checkpoint, checkpoint_every,
    future_covariates, static_covariates, weight_col
"""
_TRANSLATING = """
    tokenizer, target_tokenizer, min_count, max_vocabulary, lowercase, punctuation, hidden_size,
    encoder, num_layers, attention, dropout, label_smoothing, learning_rate, batch_size, validation_size,
    members, max_steps, max_time, seed, device, beam_size, max_length, min_length, length_normalization,
    length_penalty, coverage_penalty, no_repeat_ngram, groups, diversity, temperature, top_k, top_p,
    num_samples, n_best, prefix, truncation, patches, checkpoint, checkpoint_every
"""
# Settings of a forecaster that no option has are said in a file, under these names.
_IN_A_FILE = {"Network": "network__", "Training": "training__"}
_NESTED = {
    **dict.fromkeys(("learning_rate", "clip_norm", "batch_size", "precision"), "training__"),
    **dict.fromkeys(("validation_size", "teacher_forcing"), "training__"),
    **dict.fromkeys(("hidden_size", "num_layers", "residual_weights"), "network__"),
}
_OWNERS = (
    "Seq2SeqForecaster|Seq2SeqAutoencoder|Seq2SeqTranscriber|Seq2SeqTranslator|Network|Patches|Training|Calendar|"
    "Quantiles|Linear|Beam|Sampling|Truncation|"
    "predict|predict_cutoffs|transcribe|translate|backtest|tune|leaderboard"
)
_OWNER = re.compile(rf"(?<![\w'])({_OWNERS}): (?=(\w+) (?:is|has|holds)\b)")
_SETTING = re.compile(r"\b([a-z]+(?:_+[a-z]+)*)=(?!=)('[^']*'|[\w.+-]*\w|\([^()]*\))")
_NAME = re.compile(r"(?<![\w'\"/.-])([a-z]+(?:_+[a-z]+)+)(?![\w'\"/.(])")
_WORD = re.compile(r"(^|: |,? but |[Pp]ass (?:a coarser )?)([a-z]+)(?= (?:is|has|holds) |$|\.)")
_PARAMETER = re.compile(r"\w+")
_PASS = re.compile(r"\bpass --")
_LIST = re.compile(r"\[('[^\[\]]*')\]")


def as_options(text: str, *, translating: bool = False) -> str:
    """Write settings such as ``season_length=7`` as options, and remedies in Python as those of the command.

    Parameters
    ----------
    text
        A message of the library.
    translating
        Whether it is for a command that translates or transcribes, which has other options.

    Examples
    --------
    >>> as_options("say it: season_length=7, or freq='D'")
    'say it: --season 7, or --freq D'
    >>> as_options("Training: max_time is 0; it must be a number, above 0")
    '--max-time is 0; it must be a number, above 0'
    """
    for pattern, words in PHRASES:
        text = pattern.sub(words, text)
    parameters = _PARAMETER.findall(_TRANSLATING if translating else _FORECASTING)
    known = {name: _option(name) for name in parameters}
    nested = {} if translating else {name: prefix + name for name, prefix in _NESTED.items()}
    text = _OWNER.sub(lambda found: _prefix(found[1], found[2], known), text)
    text = _SETTING.sub(lambda found: _said(found[1], found[2], known, nested), text)
    text = _NAME.sub(lambda found: (known | nested).get(found[1], found[1]), text)
    text = _WORD.sub(lambda found: found[1] + known.get(found[2], found[2]), text)
    return _PASS.sub("give --", _LIST.sub(lambda found: found[1], text))


def _option(parameter: str) -> str:
    return _RENAMED.get(parameter, "--" + parameter.replace("_", "-"))


def _prefix(owner: str, name: str, known: dict[str, str]) -> str:
    return "" if name in known else _IN_A_FILE.get(owner, "")


def _said(name: str, value: str, known: dict[str, str], nested: dict[str, str]) -> str:
    value = value.strip("'")
    return f"{known[name]} {value}" if name in known else f"the setting {nested.get(name, name)} {value}"
