"""Flow refuelling: p stations so that as many trips as possible can be driven there and back (Capar et al. 2013)."""
