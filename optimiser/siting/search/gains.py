"""
What more plugs at a site would bring from those whom nobody serves: for every number of them at once, and kept until
somebody within reach of the site is served elsewhere, or no longer.
"""

from __future__ import annotations

from optimiser.basics.compiled import in_place
from optimiser.siting.arrays import Floats
from optimiser.siting.search.ground import Ground, Land


@in_place
def know_gains(land: Land, ground: Ground, site: int) -> None:
    """Fill in what more plugs of each kind would bring at a site, unless that is known still."""
    if ground.is_known[site]:
        return
    ground.is_known[site] = True
    for kind in range(ground.plugs.shape[1]):
        most = land.most[site, kind] - ground.plugs[site, kind]
        if most > 0:
            _find_gains(land, ground, site, kind, most, ground.gain[site, kind])


@in_place
def _find_gains(land: Land, ground: Ground, site: int, kind: int, most: int, gain: Floats) -> None:
    """
    Of 1 to `most` more plugs of a kind.

    Groups fill the room in the order of what a session brings, as `Land` has them, so that one walk along the arcs
    tells it for all numbers of plugs.
    """
    plugs, used = land.now[site, kind] + ground.plugs[site, kind], ground.used[site, kind]
    count, taken, brought, always = 1, 0.0, 0.0, 0.0
    for arc in range(land.first_arc[site], land.first_arc[site + 1]):
        group = land.arc_group[arc]
        if not land.fits[group, kind]:
            continue
        missing = land.asked[land.district[group]] - ground.served[land.district[group]]
        reward = land.price[land.district[group]] if missing > 0.0 else 0.0
        if land.sessions[group] <= 0.0:
            if land.arc_worth[arc] > ground.best[group]:
                always += land.value[group] * land.weight[group] * (land.arc_worth[arc] - ground.best[group])
                if ground.best[group] <= 0.0 and reward > 0.0:
                    always += reward * min(land.weight[group], missing)
        elif ground.left[group] > 0.0 and count <= most:
            left, each = ground.left[group], land.weight[group] / land.sessions[group]
            while count <= most and land.takes[kind, plugs + count] - used <= taken + left:
                part = max(0.0, land.takes[kind, plugs + count] - used - taken)
                gain[count] = brought + part * land.arc_brings[arc]
                if reward > 0.0:
                    gain[count] += reward * min(part * each, missing)
                count += 1
            taken += left
            brought += left * land.arc_brings[arc]
            if reward > 0.0:
                brought += reward * min(left * each, missing)
    while count <= most:
        gain[count] = brought
        count += 1
    for number in range(1, most + 1):
        gain[number] += always


@in_place
def forget_gains(land: Land, ground: Ground, group: int) -> None:
    """Somebody of a group is served, or no longer: what the sites within its reach would bring is not known."""
    for at in range(land.first_own[group], land.first_own[group + 1]):
        ground.is_known[land.arc_site[land.own_arc[at]]] = False
