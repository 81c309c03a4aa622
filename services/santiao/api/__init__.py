"""The HTTP API: what partner systems send, ask and command."""
