"""Gates and verdicts: how a candidate compares with the champion and with its thresholds."""
