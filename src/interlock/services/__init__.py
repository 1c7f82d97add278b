"""What several verbs share; each speaks to the world through ports."""
