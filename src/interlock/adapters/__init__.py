"""The vendors, strangers to one another; only wiring may import them."""
