"""What the cluster does on one machine, each figure beside a baseline of the same run."""
