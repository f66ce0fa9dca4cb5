"""recruit: one employer's recruitment, in which the privacy notice is executable."""

__version__ = "0.1.0"
