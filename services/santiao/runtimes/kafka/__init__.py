"""The cluster runtime (集群运行): Kafka carries records in and events out, Faust moves the bytes, the hub and its SQL store do the rest."""
