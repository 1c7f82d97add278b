"""Live data in windows: drift and performance records, and their diagnosis."""
