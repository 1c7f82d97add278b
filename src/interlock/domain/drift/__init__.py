"""Drift detection in three steps, each with results that can be stored.

A profile summarises rows (see ports.profiling). `comparison.compare` compares the profile of a
window with the reference profile. `detection.detect` decides from the comparisons of the last
windows which columns drift. Rows never enter this package.
"""
