"""The tests: stories first, then a mirror of the package, then what holds for the whole house."""
