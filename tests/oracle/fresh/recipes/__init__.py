"""How each operator is drawn; importing this fills `draw.RECIPES`."""

from . import control, elementwise, layers, linear, ml, shapes, text  # noqa: F401
