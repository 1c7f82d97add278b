"""The checks of `interlock doctor`: pure functions from observed facts to lines, one module for
each topic."""
