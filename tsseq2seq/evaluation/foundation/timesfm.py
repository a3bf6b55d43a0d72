"""TimesFM 2.5."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar, final

import numpy as np
from jaxtyping import Float

from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.foundation.base import FoundationModel

__all__ = ["TimesFM"]

_DEFAULT = "google/timesfm-2.5-200m-pytorch"
# Rounded up by the package to whole patches.
_LONGEST_CONTEXT, _LONGEST_HORIZON = 1024, 256


@final
class TimesFM(FoundationModel):
    """Forecast with TimesFM 2.5, which the package ``timesfm`` loads.

    The parameters are those of :class:`FoundationModel`; ``model`` None is
    ``google/timesfm-2.5-200m-pytorch``. A loaded model must be compiled.

    References
    ----------
    Das et al., "A decoder-only foundation model for time-series forecasting", ICML 2024.

    Examples
    --------
    >>> TimesFM(horizon=12).fit([1.0, 2.0, 3.0, 2.0, 1.0, 2.0]).season_length_
    1
    """

    needs: ClassVar[str] = "timesfm"
    installed_as: ClassVar[str] = "timesfm"

    def load_model(self, package: ModuleType) -> Any:  # noqa: ANN401
        """Load the model, and compile it for the longest forecasts."""
        model = package.TimesFM_2p5_200M_torch.from_pretrained(self.model or _DEFAULT)
        model.compile(
            package.ForecastConfig(
                max_context=_LONGEST_CONTEXT,
                max_horizon=_LONGEST_HORIZON,
                normalize_inputs=True,
                use_continuous_quantile_head=True,
                force_flip_invariance=True,
                fix_quantile_crossing=True,
            )
        )
        return model

    def quantiles(
        self,
        model: Any,  # noqa: ANN401
        histories: Sequence[np.ndarray],
        horizon: int,
    ) -> Float[np.ndarray, "B H Q"]:
        """Forecast the deciles; the mean, which comes first, is left out.

        Raises
        ------
        ParameterError
            If the horizon is longer than the model was compiled for.
        """
        if horizon > _LONGEST_HORIZON and isinstance(self.model, str | None):
            raise ParameterError(
                f"TimesFM: horizon is {horizon}, but the model is compiled for {_LONGEST_HORIZON} steps; "
                "give a model that you compiled for more"
            )
        _, found = model.forecast(horizon=horizon, inputs=[values.astype(np.float32) for values in histories])
        return np.asarray(found)[..., 1:]
