"""Saving and loading estimators: a folder with JSON and safetensors, never pickle.

``model.json`` holds the format, the class, its parameters, what ``fit`` learned besides tensors, and the
SHA-256 of ``tensors.safetensors``, which holds the tensors. Only these two files are ever replaced
(:mod:`tsseq2seq.persistence.files`). Classes are named as in :mod:`tsseq2seq.registry`; no code is
ever run from a file.
"""

from tsseq2seq.persistence.classes import Storable, register, register_parts
from tsseq2seq.persistence.encoding import decode, encode
from tsseq2seq.persistence.files import FORMAT
from tsseq2seq.persistence.load import load
from tsseq2seq.persistence.save import save

__all__ = ["FORMAT", "Storable", "decode", "encode", "load", "register", "register_parts", "save"]
