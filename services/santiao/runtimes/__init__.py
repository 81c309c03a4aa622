"""What drives the hub: the embedded runtime (one process) and, behind the same contract, the cluster's."""
