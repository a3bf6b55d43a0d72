"""From sentences to batches of tokens: cleaning, vocabularies, tokenisers, pairs, batches."""
