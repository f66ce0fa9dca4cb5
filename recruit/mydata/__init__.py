"""The candidate's own pages: the ways in, what is kept, and what one can do about it."""
