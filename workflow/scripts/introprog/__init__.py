"""Outcomes, panels, models and displays for Norway's introduction programme: pure functions on data frames."""

from introprog.lifeline import is_job
from introprog.light_start import ask_one_allocator, load_without_search

if is_job():
    ask_one_allocator()
    load_without_search()
