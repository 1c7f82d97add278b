"""The ports that commands use: Protocols, one module for each port; no vendor may be imported."""
