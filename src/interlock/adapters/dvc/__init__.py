"""The only door to DVC's programs: ours drives one repository in a process of its own."""
