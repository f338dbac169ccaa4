"""Many patients: lines of a stream, the processes that assess them, and tables of a cohort."""
