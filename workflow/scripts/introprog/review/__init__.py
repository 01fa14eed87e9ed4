"""A reviewer's comparison: the numbers and pictures of a run against those that were committed or frozen.

``comparison`` sets two tables beside each other, ``expectation`` stores and finds what is expected, ``findings`` goes
through a whole run, ``page`` words what was found.
"""
