"""Numbers as they are written everywhere in the answer."""


def number(value: float) -> str:
    """Two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def per_cent(probability: float) -> str:
    """A probability in whole per cent; what is neither 0 nor 1 is never written as if it were."""
    rounded = f"{100 * float(probability):.0f}"
    return {"0": "<1", "100": ">99"}.get(rounded, rounded) if 0 < probability < 1 else rounded
