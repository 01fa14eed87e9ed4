"""Outcomes, panels, models and displays for Norway's introduction programme: pure functions on data frames."""
