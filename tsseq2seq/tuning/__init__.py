"""Hyperparameter search: spaces of settings, and Optuna studies over them."""
