"""Reads and appends the records of the ledger, and defines the path of each record."""
