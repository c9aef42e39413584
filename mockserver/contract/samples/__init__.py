"""Values for schemas that nobody wrote: valid, believable, and the same for the same seed."""
