"""Sequences: every order in which a mission's bases can close, compared in matched worlds."""
