"""Windows of live data: drift and performance records, and their diagnosis."""
