"""Live figures: each one a Python class beside its JavaScript and its style sheet."""
