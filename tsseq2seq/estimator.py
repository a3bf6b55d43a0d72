"""What all estimators share: scikit-learn's parameters with settings nested in them."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import Settings, replace_params

__all__ = ["Estimator"]


class Estimator(BaseEstimator):
    """Base of the estimators: ``__init__`` only stores, ``fit`` sets attributes ending in ``_``."""

    def set_params(self, **params: Any) -> Estimator:  # noqa: ANN401 (parameters differ in type)
        """Set parameters; nested names replace a field of the settings they reach into.

        Settings are frozen, so that ``network__hidden_size`` assigns a changed copy of ``network``.

        Raises
        ------
        ParameterError
            If a name is unknown; then nothing is set.
        """
        known = list(self._get_param_names())
        own: dict[str, Any] = {}
        nested: dict[str, dict[str, Any]] = {}
        for name, value in params.items():
            head, _, rest = name.partition("__")
            if head not in known:
                raise ParameterError(
                    f"{type(self).__name__} has no parameter {head!r}; it has: {', '.join(known)}"
                )
            if rest:
                nested.setdefault(head, {})[rest] = value
            else:
                own[head] = value
        for head, changes in nested.items():
            current = own.get(head, getattr(self, head))
            if not isinstance(current, Settings):
                raise ParameterError(
                    f"{head}__{next(iter(changes))}: {head} is {current!r}, "
                    "which has no parameters of its own"
                )
            own[head] = replace_params(current, changes)
        for name, value in own.items():
            setattr(self, name, value)
        return self

    def _check_fitted(self) -> None:
        if not hasattr(self, "history_"):
            name = type(self).__name__
            raise NotFittedError(f"this {name} is not fitted yet; call fit first, or load a saved model")
