"""The figures of one patient as SVG. Only the worker process imports what draws; this here is light."""

from service.presentation.figures.shapes import Course, Figures

__all__ = ["Course", "Figures"]
