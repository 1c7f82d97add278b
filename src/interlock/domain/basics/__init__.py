"""Values that every other topic uses: numbers as text, times, digests, limits for parsing."""
