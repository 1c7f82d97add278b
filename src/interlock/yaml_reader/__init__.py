"""Reads YAML: manifests strictly, files of DVC as DVC reads them; opens no file."""
