"""A run store and a registry without a server: objects at any place that fsspec reaches."""
