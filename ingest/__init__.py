"""Brings sources into the store."""
