"""The JSON that GitHub shows for each thing it keeps; one module a family, nothing decided here."""
