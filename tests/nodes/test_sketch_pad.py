"""The Sketch Pad's server side, through the real server: what a drawing becomes, and what a bad one says."""

from __future__ import annotations
