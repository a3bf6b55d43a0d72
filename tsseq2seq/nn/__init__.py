"""The networks: cells, encoders, attention, residuals, decoder and outputs, and their settings.

Letters in the shapes of tensors, each with one meaning throughout this package:

====  ==========================================  ====  ==========================================
B     rows of a batch                             H     width of the hidden state
Q     queries of a row (sample paths, beams)      E     width of the encoder's states
T     decoder steps                               A     width of the attention's keys
S     encoder steps, the length of the memory     C     width of the context vector
N     independent sequences or tokens             I     width of the inputs
L     layers                                      J     width of the covariates of a decoder step
K     past segments                               W     other widths: of a segment, a state, an embedding
V     tokens of a vocabulary                      D     values of a segment (and their mask, where kept)
F     features                                    P     parameters of an output
====  ==========================================  ====  ==========================================

Dimensions without a letter are words: ``horizon``, ``targets``, ``seasons``.
"""
