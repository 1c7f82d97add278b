"""The content of a pull request's report and of the dashboard, as values without Markdown."""
