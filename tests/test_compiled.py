"""What is compiled is compiled anew when a rule changes, and only then."""

from __future__ import annotations
