"""The network: encoder, bridge, attention, decoder, outputs, and how they are composed."""
