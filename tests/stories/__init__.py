"""Stories read like the domain: given, when, then. Start here."""
