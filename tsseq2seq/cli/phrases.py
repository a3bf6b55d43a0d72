"""Remedies that the library gives in Python, and how the command says them."""
# ruff: noqa: E501 (a table reads best with a line for each phrase)

from __future__ import annotations

import re

__all__ = ["PHRASES"]

_DATES = "write them as dates, YYYY-MM-DD, or name their --date-format"

#: Patterns in the library's messages, and the words for them.
PHRASES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        # time stamps
        (r"convert (?:it|the column) with pandas\.to_datetime(?:\([^)]*\))?", _DATES),
        (r"Make dates of them, here of a column \"ds\": .*?\. If they", f"W{_DATES[1:]}. If they"),
        (r"make dates of them \(pd\.to_datetime\)", _DATES),
        (r"round them, df\[.*?\] = df\[.*?\]\.dt\.round\((.*?)\)", r"round them to \1"),
        (r"number (them|the rows)(?:, such as|:) df\[.*?\] = .*?\.cumcount\(\)", r"number \1 (or take --no-time)"),
        (r"Number the rows of each series, df\.groupby\(.*?\)\.cumcount\(\),", "Number the rows of each series"),
        (r"such as df\.resample\((.*?), on=.*?\)\.sum\(\)", r"such as \1"),
        (r"; convert them to a finer unit, for example with \.astype\(.*?\)", ""),
        (r"Pass datetimes, or calendar=None", "Give dates, or leave out --calendar"),
        (r"pass calendar=None, or give datetimes", "leave out --calendar, or give dates"),
        (r"time stamps must be datetimes, integers or ISO 8601 text", "time stamps must be dates or integers"),
        (r", in a pd\.DateOffset|, as in pd\.DateOffset\(.*?\)", ""),
        (r"pass it, for example", "say it, for example"),
        (r"If another step is right, pass it as freq", "If another step is right, name it with --freq"),
        (r"pass the freq on which they lie", "name the --freq on which they lie"),
        (r"No freq was given", "No --freq was given"),
        (r"; freq must be an integer", "; --freq must be a whole number"),
        (r"; freq must be", "; --freq must be"),
        (r" \(pandas does not know it\)", ""),
        (r"Accepted are pandas aliases such as (.*?), a pandas offset or Timedelta, and a positive integer where times",
         r"There are \1, and whole numbers where times"),
        (r"Make dates of them, pd\.to_datetime\(df\[.*?\], unit=.*?\); or", f"W{_DATES[1:]}; or"),
        (r"convert the time stamps with \.dt\.tz_convert\((.*?)\)", r"write the time stamps in \1"),
        # columns
        (r"write them alike, such as with \.str\.strip\(\), .*?\.str\.lower\(\)", "write them alike"),
        (r"Convert numbers that are text with pd\.to_numeric(?:, once their notation is plain: 1234\.5)?",
         "Write numbers plainly, such as 1234.5"),
        (r"give numbers, such as hours: df\[.*", "give numbers, such as hours"),
        (r"give a number, such as days, \(df.*",
         "give a number, such as the days since then, or what comes again, such as the month"),
        (r"if one is meant, take away the blanks with \.str\.strip\(\)", "if one is meant, take away the blanks"),
        (r"declare it in past_covariates or future_covariates", "give it with --past-col or --future-col"),
        (r"name its columns in future_covariates and fit again", "fit again with --future-col"),
        (r", or NaN where (?:one is )?missing", ", or empty where missing"),
        (r", or NaN if missing", ", or empty if missing"),
        (r" \(NaN\)", ""),
        (r"which are NaN", "which are left empty"),
        (r"are forecast as NaN", "are left empty"),
        # future covariates
        (r"pass future=, a frame with their values over the horizon; model\.future_frame\(\) returns the one to "
         r"fill in", "give them with --future FILE; --future-template FILE writes the table to fill in"),
        (r"model\.future_frame\(\) returns (?:them all|all that are needed)",
         "--future-template FILE writes all that are needed"),
        (r"if the clocks are the same, pass future\.assign\(.*", "write them alike"),
        (r"convert column ('[^']*') with \.astype\(\w+\)", r"write column \1 as in the history"),
        # models
        (r"call fit first(?:, or load a saved model)?", "fit it first"),
        (r"fit with output=Quantiles\(\[\.\.\.\]\) whose levels bound that interval or with a distribution such as "
         r"Normal\(\), or call calibrate",
         "fit with --levels, or with a --distribution such as normal, or calibrate the model"),
        (r"fit with a longer horizon, or with Network\(decoding='autoregressive'\)",
         "fit with a longer --horizon, or with the setting network__decoding autoregressive"),
        (r"Use teacher_forcing=(\d), parallel decoding, or a distribution such as Normal\(\)",
         r"Take the setting training__teacher_forcing \1, or a --distribution such as normal"),
        (r"Use teacher_forcing=(\d) or parallel decoding", r"Take the setting training__teacher_forcing \1"),
        (r"use Training\(cuda_graphs=False\)", "take the setting training__cuda_graphs false"),
        (r"the model was saved with history=False, so the series trained on are not in it; pass the history to "
         r"forecast from", "the model was saved without the series trained on; give DATA to forecast from"),
        (r"the model was saved with history=False", "the model was saved without the series trained on"),
        (r"import the module that defines it first, or run the notebook cell that does",
         "the command knows only the library's own"),
        (r", or a Scaling$", ""),
        (r"it must be a number of steps or a list of them", "it must be numbers of steps, separated by commas"),
        # checkpoints
        (r"continue it with fit\(\.\.\., resume='[^']*'\)", "continue it with --resume"),
        (r"^resume: (?:\w+\.)*(?=\w+ is )", ""),
        (r"^resume: (?=the|there)", ""),
        (r"begin anew without resume", "begin anew without --resume"),
        (r"give it the same data, or train a fitted model on with warm_start=True", "give it the same files"),
        (r"; name a folder$", "; name a folder with --checkpoint"),
        # sentences
        (r"Truncation: side is '(\w+)' but max_length is None, so that nothing is cut off; set max_length, or leave side out",
         r"--truncate-side is \1 but there is no --truncate, so that nothing is cut off; give --truncate, or leave --truncate-side out"),
        # searches and comparisons
        (r"and best_estimator is not fitted: call its fit", "and no model was fitted"),
        (r"pass fewer windows, or a shorter step", "take fewer --windows, or a shorter --step"),
        (r"give names, as a dict", "name each once"),
        (r"give the model another name, in a dict", "rename the column"),
        (r"^Calendar: (?=for )", ""),
        (r"refit=True compares", "--refit-every 1 compares"),
        # the rest of Python
        (r"(?<![\w'\".])df(?![\w'\"\[.(])", "DATA"),
        (r"; it must be a list of names such as .*", ""),
    )
)  # fmt: skip
