"""scikit-learn's contract: parameters in, parameters out, nested ones too."""

from __future__ import annotations

import inspect

import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from tsseq2seq import Calendar, InverseSigmoid, Network, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.estimator import Estimator


class Toy(Estimator):
    """An estimator with nothing but parameters."""

    def __init__(self, size: int = 1, network: Network | None = Network(), training: Training = Training()):  # noqa: B008
        self.size = size
        self.network = network
        self.training = training

    def fit(self) -> Toy:
        self.history_ = []
        return self

    def predict(self) -> int:
        self._check_fitted()
        return self.size


def test_it_is_one_of_scikit_learns() -> None:
    assert isinstance(Toy(), BaseEstimator)


def test_nested_parameters_are_listed_by_their_path() -> None:
    params = Toy(training=Training(teacher_forcing=InverseSigmoid(20))).get_params()
    assert params["network__hidden_size"] is None
    assert params["training__teacher_forcing__k"] == 20
    assert set(Toy().get_params(deep=False)) == {"size", "network", "training"}


def test_nested_parameters_are_set_on_a_copy() -> None:
    network = Network(num_layers=2)
    toy = Toy(network=network)
    assert toy.set_params(network__hidden_size=7, network__cell="gru", size=3) is toy
    assert toy.network == Network(num_layers=2, hidden_size=7, cell="gru")
    assert toy.size == 3
    assert network.hidden_size is None
    assert Toy().network.hidden_size is None, "the default is shared and must not change"


def test_parameters_two_levels_down() -> None:
    toy = Toy(training=Training(teacher_forcing=InverseSigmoid(20)))
    toy.set_params(training__teacher_forcing__k=30)
    assert toy.training.teacher_forcing == InverseSigmoid(30)


def test_a_whole_part_and_its_fields_may_be_set_together_in_any_order() -> None:
    for names in (["network", "network__hidden_size"], ["network__hidden_size", "network"]):
        values = {"network": Network(cell="gru"), "network__hidden_size": 5}
        toy = Toy().set_params(**{name: values[name] for name in names})
        assert toy.network == Network(cell="gru", hidden_size=5)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sise": 2}, "Toy has no parameter 'sise'; it has: network, size, training"),
        ({"network__hiden_size": 2}, "Network has no parameter 'hiden_size'; it has: .*hidden_size"),
        ({"net__hidden_size": 2}, "Toy has no parameter 'net'"),
        ({"size__x": 2}, r"size__x: Toy\.size is 5, which has no parameters of its own"),
        ({"training__teacher_forcing__k": 2}, "teacher_forcing__k: Training.teacher_forcing is None"),
        ({"network__hidden_size": 0}, "Network: hidden_size is 0; it must be an integer, at least 1"),
    ],
)
def test_names_that_lead_nowhere_are_refused_and_nothing_is_set(params: dict, message: str) -> None:
    toy = Toy()
    with pytest.raises(ParameterError, match=message):
        toy.set_params(size=5, training__max_steps=3, **{k: v for k, v in params.items() if k != "size"})
    assert (toy.size, toy.training, toy.network) == (1, Training(), Network())


def test_a_part_that_is_none_has_no_fields() -> None:
    with pytest.raises(ParameterError, match="network is None"):
        Toy(network=None).set_params(network__hidden_size=3)


def test_setting_nothing_is_allowed() -> None:
    toy = Toy()
    assert toy.set_params() is toy


def test_before_fit_it_says_so() -> None:
    with pytest.raises(
        NotFittedError, match="this Toy is not fitted yet; call fit first, or load a saved model"
    ):
        Toy().predict()
    with pytest.raises(NotFittedError):
        check_is_fitted(Toy())
    toy = Toy().fit()
    check_is_fitted(toy)
    assert toy.predict() == 1


class TestForecasterAsAnEstimator:
    """The same contract, by the forecaster."""

    @staticmethod
    def unusual() -> Seq2SeqForecaster:
        return Seq2SeqForecaster(
            horizon=48,
            context_length=168,
            lags=[24],
            season_length=24,
            floor=0.0,
            ceiling=100.0,
            network_share=0.5,
            weights="fine_tuned",
            stride=24,
            segment_length=24,
            scaling="robust",
            output=Quantiles([0.05, 0.5, 0.95]),
            network=Network(cell="gru", hidden_size=256, attention="additive"),
            training=Training(max_steps=2000, members=5, ema=0.999, teacher_forcing=InverseSigmoid(k=200)),
            past_covariates=["a"],
            future_covariates=["price", "holiday"],
            static_covariates=["store"],
            weight_col="worth",
            calendar=Calendar(["hour", "weekend"]),
            id_col="i",
            time_col="t",
            target_col=["x", "y"],
            freq="h",
            seed=None,
        )

    def test_the_constructor_only_stores(self) -> None:
        values = {name: object() for name in inspect.signature(Seq2SeqForecaster).parameters}
        plain = inspect.unwrap(Seq2SeqForecaster.__init__)
        model = object.__new__(Seq2SeqForecaster)
        plain(model, **values)
        assert vars(model) == values

    def test_unusual_parameters_are_covered(self) -> None:
        default = Seq2SeqForecaster(1).get_params(deep=False)
        same = [
            name for name, value in self.unusual().get_params(deep=False).items() if value == default[name]
        ]
        assert same == []

    def test_clone(self) -> None:
        model = self.unusual()
        copy = clone(model)
        assert copy is not model
        assert copy.get_params() == model.get_params()
        assert not hasattr(copy, "history_")

    def test_every_listed_parameter_can_be_set_to_what_it_is(self) -> None:
        model = self.unusual()
        before = model.get_params()
        for name, value in before.items():
            model.set_params(**{name: value})
        assert model.get_params() == before

    def test_nested_names_of_the_brief(self) -> None:
        model = self.unusual().set_params(
            network__hidden_size=8, training__teacher_forcing__k=5, output__levels=[0.5]
        )
        assert model.network.hidden_size == 8
        assert model.training.teacher_forcing == InverseSigmoid(5)
        assert model.output == Quantiles([0.5])

    def test_nested_names_of_members_and_of_the_calendar(self) -> None:
        model = self.unusual()
        assert model.get_params()["training__members"] == 5
        assert model.get_params()["calendar__features"] == ["hour", "weekend"]
        model.set_params(training__members=2, training__ema=None, calendar__features=["month"])
        assert (model.training.members, model.training.ema) == (2, None)
        assert model.calendar == Calendar(["month"])
        assert Seq2SeqForecaster(1).training.members == 1

    @pytest.mark.parametrize("calendar", [None, "auto", ["weekend"], Calendar(["weekend"])], ids=str)
    def test_a_calendar_of_any_form_is_cloned_as_it_is(self, calendar: object) -> None:
        model = Seq2SeqForecaster(2, calendar=calendar, training=Training(members=3))
        copy = clone(model)
        assert copy.calendar == calendar
        assert copy.training == Training(members=3)
        if not isinstance(calendar, Calendar):
            with pytest.raises(ParameterError, match="calendar"):
                model.set_params(calendar__features=["month"])

    def test_it_shows_what_differs_from_the_defaults(self) -> None:
        shown = repr(Seq2SeqForecaster(12, network=Network(hidden_size=32)))
        assert "horizon=12" in shown
        assert "hidden_size=32" in shown
        assert "scaling" not in shown
        assert repr(Seq2SeqForecaster(12)) == "Seq2SeqForecaster(horizon=12)"

    def test_two_with_the_same_defaults_share_nothing_that_can_change(self) -> None:
        one, other = Seq2SeqForecaster(1), Seq2SeqForecaster(1)
        one.set_params(network__hidden_size=3, output__loss="mse", training__max_steps=1)
        assert (other.network, other.output, other.training) == (Network(), Point(), Training())

    @pytest.mark.parametrize(
        "method",
        [
            "predict", "save", "future_frame", "sample", "predict_cutoffs", "calibrate", "score",
            "attention", "exposure_bias", "covariate_importance", "plot",
        ],
    )  # fmt: skip
    def test_unfitted_it_refuses(self, method: str) -> None:
        arguments = [None] if method in ("predict_cutoffs", "calibrate", "score", "plot") else []
        arguments = ["somewhere"] if method == "save" else arguments
        with pytest.raises(NotFittedError, match="Seq2SeqForecaster is not fitted yet"):
            getattr(Seq2SeqForecaster(3), method)(*arguments)
