"""Raw extracts to typed tables: files found, decoded and typed by the codebook; all faults of all files at once."""

from introprog.readers.extracts import Reader
from introprog.readers.files import locate

__all__ = ["Reader", "locate"]
