"""What an autoencoder is: windows of series, encoded into latent vectors and decoded again."""
