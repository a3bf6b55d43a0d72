"""The parts of a language model that a translator has not: a decoder without an encoder, texts in pieces."""
