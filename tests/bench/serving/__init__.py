"""The parts of the room `service`: a service that really runs, load from a process of its own, and what is measured."""
