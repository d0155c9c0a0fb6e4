"""What no plan can exceed, by Lagrangian relaxation of each phase."""
