"""Linking (关联): which sources tell of one dispute. Pure; works on blind profiles only, never on a name or a number in clear."""
