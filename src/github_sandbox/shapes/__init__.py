"""GitHub's JSON of each stored object; one module for each family, without decisions."""
