"""What a plan remembers of a revision, so that the next plan reads only the models that a change
may concern. It changes no result: where anything is uncertain, everything is read."""
