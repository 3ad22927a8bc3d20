"""A simulated municipality: what a case system and a finance system would export.

What belongs here: the micro-simulation, its parameters and its truth. What does not: intake's own
parsing, and the shapes of real systems, which are written by passing `simulate` another writer.
"""

from orchestration.intake.simulation.parameters import SimulationRequest
from orchestration.intake.simulation.simulate import ENTITIES, simulate
from orchestration.intake.simulation.spool import WriteEntity

__all__ = ["ENTITIES", "SimulationRequest", "WriteEntity", "simulate"]
