"""A structured simulator that writes raw extracts in the formats researchers receive, tuned to published figures."""

from introprog.simulate.extracts import simulate_extracts

__all__ = ["simulate_extracts"]
