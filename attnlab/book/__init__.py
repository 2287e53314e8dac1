"""How the notebooks are stored: executed, and in one canonical form."""
