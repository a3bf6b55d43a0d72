"""The models of ``unfamiliar.py``: this library, its baselines, and other libraries, each as it comes.

Classical methods are told the season, as all of them must be; networks are told the horizon alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fingerprint import all_but, fingerprint
from peers.contest import packages
from peers.contestants import Contestant
from peers.launch import interpreters
from unfamiliar_sets import Cut

OURS, OURS_QUANTILES, SMOOTHING = "tsseq2seq", "tsseq2seq Quantiles", "tsseq2seq Smoothing"
PRETRAINED, FINE_TUNED = "tsseq2seq pretrained", "tsseq2seq fine-tuned"
NAIVE = "seasonal naive"
# All that may decide on a forecast of this library's own.
CODE = (
    *all_but("cli", "datasets", "plotting", "pretraining", "translation", "translator.py", "tuning"),
    "weights/small.safetensors",
)
NETWORK_CODE = tuple(part for part in CODE if part != "evaluation")


@dataclass(frozen=True)
class Model:
    """A model of the suite.

    Parameters
    ----------
    label
        How tables name it.
    environment, module
        Whose interpreter runs it, and the runner.
    settings
        Passed to the runner.
    quantiles
        Whether it forecasts quantiles, or points only.
    seeded
        Whether something in it is drawn at random; another one runs with one seed.
    season
        Whether it is told the season.
    deciding
        Files and folders of this package that decide on its forecasts: it runs again when they change.
    """

    label: str
    environment: str
    module: str
    settings: dict[str, object] = field(default_factory=dict)
    quantiles: bool = True
    seeded: bool = False
    season: bool = True
    deciding: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is this library's own: its forecasts on the last horizon are looks at it."""
        return self.label.startswith("tsseq2seq")

    def contestant(
        self, cut: Cut, changes: dict[str, object] | None = None, max_steps: int | None = None
    ) -> Contestant:
        """Return it with all that its runner needs to know; ``changes`` are tried out on the forecaster."""
        settings: dict[str, object] = self.settings | {"suite": cut.name, "held_out": cut.held_out}
        if self.module == "peers.our_defaults":
            settings |= {"start": cut.start, "freq": cut.of.freq}
        if self.season:
            settings["season"] = cut.of.season
        if self.deciding:
            settings["code"] = fingerprint(self.deciding)
        if self.own and "baseline" not in self.settings and changes:
            settings["changes"] = changes
        if self.seeded and max_steps:
            settings["max_steps"] = max_steps
        return Contestant(self.label, self.environment, self.module, settings, self.quantiles, timed=False)


def _baseline(name: str, label: str, *deciding: str) -> Model:
    files = tuple(f"evaluation/baselines/{file}.py" for file in deciding) or CODE
    return Model(label, "tsseq2seq", "peers.our_defaults", {"baseline": name}, deciding=files)


def _forecaster(label: str, *, quantiles: bool, **settings: object) -> Model:
    return Model(
        label, "tsseq2seq", "peers.our_defaults", settings, quantiles,
        seeded=True, season=False, deciding=NETWORK_CODE,
    )  # fmt: skip


def _network(name: str, **settings: object) -> Model:
    given = {"model": name} | settings
    return Model(
        f"NeuralForecast {name}", "neuralforecast", "peers.neuralforecast_defaults", given,
        quantiles=False, seeded=True, season=False,
    )  # fmt: skip


def _statsforecast(name: str) -> Model:
    return Model(f"StatsForecast {name}", "statsforecast", "peers.statsforecast_models", {"model": name})


MODELS = {
    "ours": _forecaster(OURS, quantiles=False),
    "ours_quantiles": _forecaster(OURS_QUANTILES, quantiles=True, output="Quantiles"),
    "pretrained": _forecaster(PRETRAINED, quantiles=True, weights="pretrained"),
    "fine_tuned": _forecaster(FINE_TUNED, quantiles=True, weights="fine_tuned"),
    "smoothing": _baseline("Smoothing", SMOOTHING),
    "naive": _baseline("SeasonalNaive", NAIVE, "seasonal_naive", "naive"),
    "ets": _baseline("ETS", "statsmodels ETS", "ets", "missing"),
    "theta": _baseline("Theta", "statsmodels Theta", "theta", "seasonal_adjustment", "missing"),
    "auto_ets": _statsforecast("AutoETS"),
    "optimised_theta": _statsforecast("DynamicOptimizedTheta"),
    "auto_ces": _statsforecast("AutoCES"),
    "nhits": _network("NHITS", input_size=2),
    "lstm": _network("LSTM"),
}


def absent(names: list[str]) -> dict[str, str]:
    """Return why some of the models cannot run here, by name."""
    from tsseq2seq.evaluation import baselines

    reasons = {}
    for name in names:
        model = MODELS[name]
        baseline = model.settings.get("baseline")
        if baseline is not None and not hasattr(baselines, str(baseline)):
            reasons[name] = f"tsseq2seq.evaluation.baselines has no {baseline}"
        elif model.environment != "tsseq2seq":
            reason = _lacking(model.environment)
            if reason:
                reasons[name] = reason
    return reasons


def _lacking(environment: str) -> str | None:
    try:
        interpreters({environment})
    except SystemExit as reason:
        return str(reason)
    version = packages({environment})[environment]
    return f"{version} in the environment of TSSEQ2SEQ_PEERS" if version.endswith("not installed") else None
