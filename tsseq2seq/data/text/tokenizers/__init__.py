"""Tokenisers: from sentences to token numbers and back."""

from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.tokenizers.building import build_tokenizer, tokenizer_from_parts

__all__ = ["TextTokenizer", "build_tokenizer", "tokenizer_from_parts"]
