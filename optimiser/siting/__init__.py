"""Where charging points go: classic location models solved with proofs, and the planner's whole question."""
