"""Value converters: pure functions that turn one agency cell into a typed value, and say what became of the cell.

Each module knows one kind of value. None opens a file, asks a clock or raises for bad content: bad content is a `FieldStatus`. The
raw cell stays with the caller.
"""
