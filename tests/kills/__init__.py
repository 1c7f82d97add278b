"""Every verb killed at random moments and run again: it must end where no kill would have."""
