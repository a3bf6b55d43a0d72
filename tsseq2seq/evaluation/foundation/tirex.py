"""TiRex."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar, final

import numpy as np
import torch
from jaxtyping import Float

from tsseq2seq.evaluation.foundation.base import FoundationModel

__all__ = ["TiRex"]

_DEFAULT = "NX-AI/TiRex"


@final
class TiRex(FoundationModel):
    """Forecast with TiRex, an xLSTM, which the package ``tirex-ts`` loads.

    The parameters are those of :class:`FoundationModel`; ``model`` None is ``NX-AI/TiRex``.

    References
    ----------
    Auer et al., "TiRex: zero-shot forecasting across long and short horizons with enhanced in-context
    learning", 2025.

    Examples
    --------
    >>> TiRex(horizon=12).fit([1.0, 2.0, 3.0, 2.0, 1.0, 2.0]).horizon
    12
    """

    needs: ClassVar[str] = "tirex"
    installed_as: ClassVar[str] = "tirex-ts"

    def load_model(self, package: ModuleType) -> Any:  # noqa: ANN401
        """Load the model."""
        return package.load_model(self.model or _DEFAULT)

    def quantiles(
        self,
        model: Any,  # noqa: ANN401
        histories: Sequence[np.ndarray],
        horizon: int,
    ) -> Float[np.ndarray, "B H Q"]:
        """Forecast the deciles; shorter series are padded with missing values in front."""
        longest = max(len(values) for values in histories)
        context = torch.full((len(histories), longest), torch.nan)
        for row, values in enumerate(histories):
            context[row, longest - len(values) :] = torch.from_numpy(values).float()
        found, _ = model.forecast(context=context, prediction_length=horizon)
        return np.asarray(found)
