"""What a transcriber is: translation from numbers."""
