"""The cluster runtime, tried on a real Kafka and a real PostgreSQL."""
