"""One check for all amounts: finite, and within their limits."""

from __future__ import annotations

import math

from optimiser.basics.errors import InvalidProblem


def require(name: str, *, most: float = math.inf, **amounts: float) -> None:
    """Raise InvalidProblem for the first amount that is not finite, below 0, or above `most`."""
    for what, amount in amounts.items():
        if not (math.isfinite(amount) and 0 <= amount <= most):
            limit = "finite and at least 0" if math.isinf(most) else f"within 0..{most:g}"
            raise InvalidProblem(f"{name}: {what} is {amount}, must be {limit}")
