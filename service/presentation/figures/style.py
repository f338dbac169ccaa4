"""How the figures look: colours that colour-blind readers tell apart, and that differ in print without colour."""

SMALL = 11.0  # the smallest text, in units of the viewBox
INK, GREY, HATCHED, PALE = "#1a1a1a", "#595959", "#8c8c8c", "#e4e4e4"
BLUE, SKY, VERMILLION, GREEN, PURPLE = "#0072b2", "#56b4e9", "#d55e00", "#00755a", "#a6538a"  # after Okabe and Ito
BEHIND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}  # of text that stands on lines
