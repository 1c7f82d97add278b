"""Starts DVC's programs; the process drives one repository. No other package uses DVC."""
