"""The console's pages, one file a subject: functions from a visit to an answer."""
