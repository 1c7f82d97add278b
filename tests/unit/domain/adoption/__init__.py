"""What `interlock init` decides about an observed repository."""
