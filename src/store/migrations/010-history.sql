-- The history of a type: its changes by time, newest first; the history of the system merges the types.
CREATE INDEX change_log_history ON change_log (type, at, seq);
