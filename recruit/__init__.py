"""recruit: a self-hosted applicant data manager whose privacy notice is executable."""

__version__ = "0.1.0"
