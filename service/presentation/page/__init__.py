"""The tumour-board page as HTML: templates, and what they are given."""
