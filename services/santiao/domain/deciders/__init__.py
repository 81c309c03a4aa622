"""Deciders: what a command or a fact comes to, given the files. Pure; each emits events into a draft."""
