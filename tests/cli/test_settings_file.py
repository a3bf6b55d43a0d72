"""Files of settings: written by tune, read by the other commands, outdone by options."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsseq2seq
from tsseq2seq.cli.models import make_model
from tsseq2seq.cli.options import Learning
from tsseq2seq.cli.settings_file import changed_settings, read_settings, write_settings
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import FileFormatError, ParameterError

ROLES = Columns(None, "t", ("y",))
QUICK = ("--max-steps", 2)


def written(path: Path, **settings: object) -> Path:
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "context_length": st.integers(1, 99),
        "scaling": st.sampled_from(["window", "log1p", "last"]),
        "lags": st.lists(st.integers(1, 30), unique=True),
        "network": st.builds(
            tsseq2seq.Network,
            attention=st.sampled_from([None, "dot"]),
            hidden_size=st.integers(1, 99),
            dropout=st.floats(0, 0.9),
        ),
        # made in the test: the check of its types looks at random items, which a strategy must not
        "training": st.fixed_dictionaries(
            {
                "learning_rate": st.floats(1e-5, 1.0),
                "teacher_forcing": st.sampled_from([None, 0.5, tsseq2seq.Linear(0.9, 0.1)]),
            }
        ),
        "output": st.sampled_from([tsseq2seq.Normal(), tsseq2seq.Point(), tsseq2seq.Binned(bins=7)]),
        "calendar": st.sampled_from([None, "auto", tsseq2seq.Calendar(country="DE")]),
        "seed": st.integers(0, 9),
    },
)


@given(settings=SETTINGS)
def test_what_is_written_is_read(tmp_path_factory, settings) -> None:
    path = tmp_path_factory.mktemp("settings") / "best.json"
    if "training" in settings:
        settings = settings | {"training": tsseq2seq.Training(**settings["training"])}
    model = make_model(3, ROLES, "D", Learning()).set_params(**settings)
    plain = make_model(3, ROLES, "D", Learning())
    write_settings(changed_settings(model, plain), path)
    again = make_model(3, ROLES, "D", Learning(settings=path))
    assert again.get_params() == model.get_params()
    # in Python the same file is what set_params takes, where its values are plain
    assert set(json.loads(path.read_text())) <= set(model.get_params())


def test_columns_and_the_device_are_not_written() -> None:
    model = make_model(3, Columns("s", "t", ("y",), past=("x",)), "D", Learning(device="cpu", seed=4))
    plain = make_model(5, ROLES, None, Learning())
    assert changed_settings(model, plain) == {"seed": 4}


def test_options_win(tmp_path) -> None:
    path = written(
        tmp_path / "s.json",
        context_length=9,
        stride=4,
        seed=3,
        training__members=3,
        training__max_steps=7,
        network__hidden_size=8,
        output={"settings": "tsseq2seq.Normal", "fields": {"centre": "mean"}},
    )
    model = make_model(3, ROLES, None, Learning(settings=path))
    assert (model.context_length, model.stride, model.seed, model.training.members) == (9, 4, 3, 3)
    assert model.output == tsseq2seq.Normal(centre="mean")
    said = Learning(
        settings=path, context_length=5, stride=1, seed=0, members=1, centre="median", levels="80"
    )
    model = make_model(3, ROLES, None, said)
    assert (model.context_length, model.stride, model.seed, model.training.members) == (5, 1, 0, 1)
    assert model.training.max_steps == 7
    assert model.network.hidden_size == 8
    assert model.output == tsseq2seq.Normal()
    model = make_model(3, ROLES, None, Learning(settings=path, distribution="quantiles"))
    assert isinstance(model.output, tsseq2seq.Quantiles)


def test_levels_of_settings_without_intervals(tmp_path) -> None:
    path = written(tmp_path / "s.json", output={"settings": "tsseq2seq.Point", "fields": {}})
    with pytest.raises(ParameterError, match="--levels is '80', but the settings are of a point forecast"):
        make_model(3, ROLES, None, Learning(settings=path, levels="80"))
    with pytest.raises(ParameterError, match="--centre is 'mean', but --distribution point"):
        make_model(3, ROLES, None, Learning(settings=path, centre="mean"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden_size": 4}, r"'hidden_size', which is no setting; did you mean 'network__hidden_size'\?"),
        ({"network__hiden_size": 4}, "did you mean 'network__hidden_size'"),
        ({"contxt_length": 4}, "did you mean 'context_length'"),
        ({"zzz": 4}, "'zzz', which is no setting; there are: calendar"),
        ({"horizon": 4}, "'horizon', which is said on the command line, by --horizon"),
        ({"target_col": "y"}, "by --target-col"),
        ({"training__device": "cpu"}, "by --device"),
        ({"network__hidden_size": 0}, "hidden_size is 0"),
        ({"context_length": 0}, "context_length is 0"),
        ({"scaling": "lg"}, "scaling is 'lg'"),
        ({"output__bins": 4}, "bins"),
    ],
)
def test_names_and_values_are_checked_and_the_file_is_named(tmp_path, settings, said) -> None:
    path = written(tmp_path / "s.json", **settings)
    with pytest.raises(ParameterError, match=said) as caught:
        make_model(3, ROLES, None, Learning(settings=path))
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1, 2]", "3", '{"output": {"settings": "os.system", "fields": {}}}', '{"output": {"settings": 3, '
     '"fields": {}}}', '{"output": {"settings": "tsseq2seq.Normal", "fields": {"centre": "x"}}}',
     '{"output": {"settings": "tsseq2seq.Normal", "fields": {"zzz": 1}}}', "\x00\x01"],
)  # fmt: skip
def test_what_is_no_file_of_settings(tmp_path, content) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=str(path)):
        read_settings(path)


@pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
def test_what_tune_writes_every_command_takes(run, airline) -> None:
    tuned = ("--horizon", 3, "--trials", 3, "--metric", "mae", "--distribution", "normal", "--model", "best")
    done = run("tune", airline, *tuned, *QUICK, "--write-settings", "best.json")
    assert done.status == 0, done.err
    model = tsseq2seq.load("best")
    given = ("--horizon", 3, "--settings", "best.json")
    assert run("forecast", airline, *given, "--output", "f.csv").status == 0
    pd.testing.assert_frame_equal(
        pd.read_csv("f.csv", parse_dates=["Month"]), model.predict(), check_dtype=False, rtol=1e-6
    )
    assert run("fit", airline, *given, "--model", "again").status == 0
    again = tsseq2seq.load("again").get_params()
    assert again == model.get_params()
    for command in ("backtest", "leaderboard"):
        more = ("--models", "seq2seq") if command == "leaderboard" else ()
        assert run(command, airline, *given, "--windows", 2, *more).status == 0
    assert run("diagnose", airline, *given).status == 0
    assert run("tune", airline, *given, "--trials", 1, "--metric", "mae").status == 0


def test_before_anything_is_trained(refused, airline) -> None:
    assert "none.json" in refused("forecast", airline, "--horizon", 3, "--settings", "none.json")
    assert "there is no folder" in refused(
        "tune", airline, "--horizon", 3, "--write-settings", "none/best.json"
    )
    assert "are the same file" in refused("tune", airline, "--horizon", 3, "--write-settings", airline)
