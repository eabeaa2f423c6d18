"""Answers a question from what is known, with checked citations."""
