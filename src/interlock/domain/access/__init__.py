"""Decides who may start which job: events of GitHub, commands in comments, permissions."""
