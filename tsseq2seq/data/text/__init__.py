"""From sentences to batches of tokens: cleaning, tokenisers, vocabularies, pairs, batches."""
