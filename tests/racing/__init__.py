"""Actors that race over one fake world: their turns, and the search through every schedule."""
