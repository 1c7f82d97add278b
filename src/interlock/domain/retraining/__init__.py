"""The rules for retraining requests and their pull requests, without effects."""
