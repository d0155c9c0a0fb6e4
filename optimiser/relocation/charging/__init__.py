"""How much power each plugged car gets when: planned by nobody, or as cheap as possible."""

from __future__ import annotations

from optimiser.relocation.charging.plain import plug_and_charge
from optimiser.relocation.charging.smart import DrivenTooFar, charge_smartly

__all__ = ["DrivenTooFar", "charge_smartly", "plug_and_charge"]
