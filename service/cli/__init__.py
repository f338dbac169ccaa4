"""`prrt-cds`: the same engine without HTTP."""
