"""What a pull request and the dashboard show of each model, as values without Markdown."""
