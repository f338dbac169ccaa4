"""The tumour-board page over HTTP: HTML in, HTML out."""
