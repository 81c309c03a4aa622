"""How items come in: one module a way, each with its settings, none of which knows what a cell means."""
