"""The parts of a translator: resolved settings, model, fitting, fitted translator and search."""
