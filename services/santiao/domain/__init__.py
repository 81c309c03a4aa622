"""The pure core: words, records, events, deciders, clocks and links. No I/O, no clock, no random here."""
