"""Ladybug continues Kuzu; the same questions."""
from engines import kuzu

kuzu.PACKAGE = "ladybug"
Engine = kuzu.Engine
