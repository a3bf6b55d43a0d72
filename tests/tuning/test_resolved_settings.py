"""Settings by nested name, against what scikit-learn's own parameters give for a changed copy."""

from __future__ import annotations

from sklearn.base import clone

from tsseq2seq import Linear, Network, Training
from tsseq2seq.tuning.resolved_settings import resolved_settings


def test_it_is_what_an_estimator_with_these_settings_would_say(make) -> None:
    model = make()
    chosen = {
        "network": Network(hidden_size=9, attention="dot"),
        "training": Training(teacher_forcing=Linear(1.0, 0.2)),
        "lags": [7],
    }
    settings = resolved_settings(model, chosen)
    assert settings == clone(model).set_params(**chosen).get_params()
    assert settings["training__teacher_forcing__end"] == 0.2
    assert model.network.hidden_size == 4


def test_without_choices_it_is_the_estimators_own(make) -> None:
    assert resolved_settings(make(), {}) == make().get_params()
