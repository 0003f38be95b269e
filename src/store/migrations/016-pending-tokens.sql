-- New rows first go into a short list of the token index, and from there many at a time: that costs a tenth. The list is kept short
-- (64 kB, about a hundred resources), because every search reads it and a single write that finds it full has to empty it.
ALTER INDEX resource_tokens SET (fastupdate = on, gin_pending_list_limit = 64);
