"""What `runners/` holds: programs run against fakes, files read by the tools that own them."""
