"""The twin merchandiser: the merchandising system's SOAP contract with a journal of effects."""
