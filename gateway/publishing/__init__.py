"""What leaves: the relay and the merchandising system's SOAP contract as its client."""
