"""Schemas: Avro files made from the event types, the codecs, upcasting, and the gate that judges every version against every other."""
