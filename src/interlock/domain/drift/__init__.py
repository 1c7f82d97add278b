"""Drift: profiles of data, what a window measures against a reference, and what that means.

Three steps, apart so that each can be kept and taken up later: a profile is made of rows (outside,
see ports.profiling), `measuring.measure` holds one window's profile against the reference's, and
`judging.judge` says what the measures of the windows so far amount to. No rows may enter.
"""
