"""The web door: health for load balancers and operators."""
