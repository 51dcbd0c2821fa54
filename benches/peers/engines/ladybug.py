"""Ladybug continues Kuzu; the same questions."""
from engines import kuzu

kuzu.LIBRARY = "ladybug"
Engine = kuzu.Engine
