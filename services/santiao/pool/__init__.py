"""The pool: who may call, and the one door through which case data leaves."""
