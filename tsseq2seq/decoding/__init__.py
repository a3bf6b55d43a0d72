"""Decoding: unrolling, greedy search, beam search and sampling of any model with the Stepper protocol.

Letters in the shapes of tensors: B rows of a batch, Q queries of a row, T decoder steps, S memory length,
V tokens of the vocabulary, K hypotheses kept (Q of the next step), G groups of beams, P tokens of a prefix.
"""
