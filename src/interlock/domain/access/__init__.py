"""Who may start what: events of GitHub, commands in comments, permissions."""
