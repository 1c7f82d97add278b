"""The verbs: observe through ports, decide in domain, act through ports; no adapter may enter."""
