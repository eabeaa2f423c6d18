"""The words sent to the model: Markdown files with named holes, and their loader."""
