"""What a synthesizer is: frames of numbers, written from texts."""
