"""What the service knows without asking anyone: no IO, no clock, no chance."""
