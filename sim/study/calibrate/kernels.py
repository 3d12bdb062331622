"""A kernel of Gaussian processes that looks at some of the parameters only. Needs scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel


class Part(Kernel):
    """Another kernel, of some columns of the points."""

    def __init__(self, kernel: Any, columns: tuple[int, ...]) -> None:
        self.kernel = kernel
        self.columns = columns

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return what it was made with, and, if `deep`, what the other kernel was."""
        own = {"kernel": self.kernel, "columns": self.columns}
        return own | {f"kernel__{k}": v for k, v in self.kernel.get_params().items()} if deep else own

    @property
    def hyperparameters(self) -> list[Any]:
        """Those of the other kernel."""
        return [
            Hyperparameter(f"kernel__{h.name}", h.value_type, h.bounds, h.n_elements)
            for h in self.kernel.hyperparameters
        ]

    @property
    def theta(self) -> np.ndarray:
        """Logarithms of the other kernel's numbers that are sought."""
        return np.asarray(self.kernel.theta)

    @theta.setter
    def theta(self, theta: np.ndarray) -> None:
        self.kernel.theta = theta

    @property
    def bounds(self) -> np.ndarray:
        """Logarithms of their bounds."""
        return np.asarray(self.kernel.bounds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.columns == other.columns and bool(self.kernel == other.kernel)

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, X: np.ndarray, Y: np.ndarray | None = None, eval_gradient: bool = False) -> Any:
        """Return the covariances of points, and their gradient if asked."""
        columns = list(self.columns)
        other = None if Y is None else Y[:, columns]
        return self.kernel(X[:, columns], other, eval_gradient=eval_gradient)

    def diag(self, X: np.ndarray) -> np.ndarray:
        """Return the variances at points."""
        return np.asarray(self.kernel.diag(X[:, list(self.columns)]))

    def is_stationary(self) -> bool:
        """Return whether only distances count."""
        return bool(self.kernel.is_stationary())
