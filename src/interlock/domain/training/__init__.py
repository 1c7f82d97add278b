"""Decides how models are trained: their requirements, and the jobs of a plan."""
