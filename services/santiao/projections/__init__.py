"""Views: folds of the log, one file each. Pure, versioned, rebuilt beside the live ones and swapped in when digests agree."""
