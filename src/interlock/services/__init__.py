"""The steps that several verbs share; they use the world only through ports."""
