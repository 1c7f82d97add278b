"""What commands ask of the world: Protocols, one module a port; no vendor may enter."""
