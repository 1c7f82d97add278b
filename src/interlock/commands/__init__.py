"""The verbs: observe through ports, decide in domain, act through ports; no adapter is imported."""
