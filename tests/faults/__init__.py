"""What happens to the record when something fails: the disk, the database, the network, the process."""
