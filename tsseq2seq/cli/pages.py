"""The jobs of report and demo: a page on a file, and a forecast of a series that ships."""

from __future__ import annotations

from pathlib import Path

from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.contents import stem
from tsseq2seq.cli.history import read_history
from tsseq2seq.cli.model_names import BASELINES, NETWORK, parse_model
from tsseq2seq.cli.models import make_model
from tsseq2seq.errors import ParameterError

__all__ = ["demo", "report"]

_SHIPPED, _HORIZON = "air_passengers", 12
# Lines of the picture that demo prints.
_LINES = 9


def report(
    *,
    data: Path,
    horizon: int,
    output: Path,
    title: str | None,
    windows: int,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model_name: str,
) -> None:
    """Write a page on a file."""
    if output.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"--output is {str(output)!r}; it must end in .html")
    outputs.check_file(output, "--output")
    outputs.check_distinct({"DATA": data, "--output": output})
    name = parse_model(model_name, "--model-name")
    if name in BASELINES:
        raise ParameterError(
            f"--model-name is {name}, a statistical method; a report is of a network: {NETWORK}, pretrained "
            "or fine-tuned"
        )
    history = read_history(data, table, reading)
    if history.columns.future:
        raise ParameterError(
            f"--future-col is {', '.join(history.columns.future)}, whose values after the end of DATA are "
            "not known; give them with --past-col, or leave them out"
        )
    if name == NETWORK:
        model = make_model(horizon, history.columns, table.freq, learning)
    else:
        from tsseq2seq.cli.baselines import make_baseline

        model = make_baseline(name, horizon, history.columns, table.freq, learning)
    model.report(history.frame, output, windows=windows, title=title or f"Forecast of {stem(data)}")
    show.tell(f"wrote {output}, which any browser opens")


def demo() -> None:
    """Forecast a series that ships, and say what to try next."""
    from tsseq2seq import datasets
    from tsseq2seq.forecaster import Seq2SeqForecaster

    series = datasets.load(_SHIPPED)
    show.tell(
        "The airline passengers of 1949 to 1960, in thousands a month, and the year after, without training:"
    )
    forecast = Seq2SeqForecaster.pretrained(_HORIZON).predict(series, levels=[80])
    show.put(_picture([*series["y"].tail(2 * _HORIZON), *forecast["Seq2Seq"]], known=2 * _HORIZON))
    show.put(forecast.drop(columns="unique_id").to_string(index=False, float_format="{:.1f}".format))
    show.tell(
        "Next, with a file of your own:\n"
        "  tsseq2seq forecast DATA.csv --horizon 12 --plot forecast.png\n"
        "  tsseq2seq report DATA.csv --horizon 12 --output report.html"
    )


def _picture(values: list[float], *, known: int) -> str:
    """Return values as a picture of letters: o is known, * is forecast."""
    lowest, highest = min(values), max(values)
    rows = [round((_LINES - 1) * (highest - value) / (highest - lowest)) for value in values]
    lines = []
    for line in range(_LINES):
        marks = ("o" if step < known else "*" for step in range(len(values)))
        drawn = "".join(mark if row == line else " " for mark, row in zip(marks, rows, strict=True))
        edge = {0: f"{highest:.0f}", _LINES - 1: f"{lowest:.0f}"}.get(line, "")
        lines.append(f"{edge:>6} |{drawn}".rstrip())
    return "\n".join(lines)
