"""Series that no one has measured: worlds to learn forecasting from, and what is trained on them."""
