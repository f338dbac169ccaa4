"""The servers that are measured: the floor, what an afternoon or a good week would build, and the peers."""
