"""`command`: does what a comment asks for, or says which jobs must; trains and promotes nothing."""
