"""The ledger: which record lies where, how it is read, and how it is appended."""
