"""Fakes of our own ports; each passes the contract suite that its real adapter passes."""
