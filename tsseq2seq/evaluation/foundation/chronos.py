"""Chronos, Chronos-Bolt and Chronos-2."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar, final

import numpy as np
import torch
from jaxtyping import Float

from tsseq2seq.evaluation.foundation.base import FoundationModel

__all__ = ["Chronos"]

_DEFAULT = "amazon/chronos-bolt-small"


@final
class Chronos(FoundationModel):
    """Forecast with a Chronos model, which the package ``chronos-forecasting`` loads.

    The parameters are those of :class:`FoundationModel`; ``model`` None is ``amazon/chronos-bolt-small``.

    References
    ----------
    Ansari et al., "Chronos: learning the language of time series", TMLR 2024.

    Examples
    --------
    >>> Chronos(horizon=12, model="amazon/chronos-2").model
    'amazon/chronos-2'
    """

    needs: ClassVar[str] = "chronos"
    installed_as: ClassVar[str] = "chronos-forecasting"

    def load_model(self, package: ModuleType) -> Any:  # noqa: ANN401
        """Load the pipeline."""
        return package.BaseChronosPipeline.from_pretrained(self.model or _DEFAULT)

    def quantiles(
        self,
        model: Any,  # noqa: ANN401
        histories: Sequence[np.ndarray],
        horizon: int,
    ) -> Float[np.ndarray, "B H Q"]:
        """Forecast the deciles."""
        context = [torch.tensor(values, dtype=torch.float32) for values in histories]
        # the first parameter is called otherwise in each version
        found, _ = model.predict_quantiles(
            context, prediction_length=horizon, quantile_levels=list(self.probabilities)
        )
        if isinstance(found, torch.Tensor):
            return found.numpy()
        # Chronos-2 returns a tensor for each series, with its one variable in front
        return np.stack([np.asarray(each).reshape(horizon, len(self.probabilities)) for each in found])
