"""What happens: one transaction per public method."""
