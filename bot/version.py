"""Which Stillframe this is. The container runs the source as it is, where no installed package could tell."""

VERSION = "0.1.0"  # as in pyproject.toml: a test compares them
