"""
Why not: for each wish that a plan leaves open a true reason, what would let it in, and what else could be done.

Knows no solver. What is told was tried: the plan with more work for one van is replayed, checked and priced. Only where
to try is chosen by estimates. What is `impossible` is proven for each van alone by shortest tours.
"""

from __future__ import annotations

from optimiser.rebalancing.why_not.answer import Alternative, Code, Kind, Proof, Reason, SmallestChange, WhyNot
from optimiser.rebalancing.why_not.changes import Change, applied
from optimiser.rebalancing.why_not.explain import why_not
from optimiser.rebalancing.why_not.insertion import Insertion, put_in
from optimiser.rebalancing.why_not.trial import Effect
from optimiser.rebalancing.why_not.wishes import Wish, WishKind

__all__ = [
    "Alternative",
    "Change",
    "Code",
    "Effect",
    "Insertion",
    "Kind",
    "Proof",
    "Reason",
    "SmallestChange",
    "WhyNot",
    "Wish",
    "WishKind",
    "applied",
    "put_in",
    "why_not",
]
