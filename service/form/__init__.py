"""The form of the page: what it asks for, the JSON of the contract that it makes, and the way back."""
