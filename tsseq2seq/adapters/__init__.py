"""The estimators as other libraries want them. Each module needs the library that it is named after."""
