"""What worlds are composed of: trends, seasons, noise, events, and the link to a multiplicative world."""
