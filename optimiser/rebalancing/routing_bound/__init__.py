"""
A proven lower bound for the bike rebalancing problem: every station once, identical vans, free start and end load.

Sets and data
    V = {0} + N    depot 0 and stations N; arcs (i, j) between any two of them, cost c_ij >= 0, not symmetric
    q_i            bikes picked up at i (brought, below 0); may be 0, |q_i| <= Q;   q(S) = sum over S
    Q              bikes that a van holds; any number of vans, each leaves and returns with any load
    r(S)           entries into S at least: max(1, ceil(|q(S)| / Q)), as an unbroken part of a route changes the load
                   by Q at most

Variables
    x_ij           1 where a van drives from i to j
    y_ijl          1 where it does so with l bikes on board;  x_ij = sum_l y_ijl
                   only loads with 0 <= l <= Q, 0 <= l - q_i <= Q (i in N), 0 <= l + q_j <= Q (j in N)

Stage 1, over arcs (arc_relaxation.py)
    min  sum c_ij x_ij
    s.t. one arc out of each station and one into it; as many out of the depot as into it
         x(arcs inside S) <= |S| - r(S)              for S in N: connectivity and rounded capacity     (entries)

Stage 2, over loaded arcs (load_relaxation.py)
    min  sum c_ij y_ijl
    s.t. sum_il y_ijl = 1                            for j in N: one visit
         sum_i y_i,j,l-q_j = sum_k y_jkl             for j in N, 0 <= l <= Q: the load goes on
         x(arcs inside S) <= |S| - r(S)                                                                (entries)
         sum_(leaving S) ceil(r l + s) y - sum_(entering S) floor(r l + s) y >= ceil(r q(S))           (rounded_load)
                                                     for S in N, r = a/b, s = k/b, 0 < a < b, 0 <= k < b
         y_ijl <= sum_(k != i) y_j,k,l+q_j           for i, j in N: i is visited once                  (no_return)

    Its integer solutions are the plans: y falls into van routes on which the load stays within 0..Q.

Stage 3 (tree.py)
    Best-first branching on entries into a set, on the load after a station, on an arc; a few dual pivots choose which.

Proof
    The solver's word is not taken. Prices of a linear program, with wrong signs cut off, give
        sum of prices x right sides + sum_ij min(0, min_l reduced cost of y_ijl)  over ALL arcs, also unused ones,
    which no plan undercuts (weak duality; a plan drives an arc once at most, with one load). Costs are multiples of
    their greatest common divisor, and the bound is rounded up to one. Loaded arcs whose reduced cost would lift a
    plan to the upper bound are left out: a better plan cannot use them.

Sources
    Problem, stage 1: Dell'Amico, Hadjicostantinou, Iori, Novellani (2014), Omega 45. Capacity inequalities by minimum
    cuts and tabu search: Augerat et al. (1998), EJOR 106; Lysgaard, Letchford, Eglese (2004), Math. Prog. 100.
    Loaded arcs and rounding over all multipliers (extended capacity cuts): Picard, Queyranne (1978), Oper. Res. 26;
    Uchoa et al. (2008), Math. Prog. 112; here with loads that rise and fall, which adds s.
    Two-cycles in a load-indexed network: Houck et al. (1980), Opsearch 17, as inequalities.
"""

from optimiser.rebalancing.routing_bound.result import RoutingBound
from optimiser.rebalancing.routing_bound.solve import routing_lower_bound

__all__ = ["RoutingBound", "routing_lower_bound"]
