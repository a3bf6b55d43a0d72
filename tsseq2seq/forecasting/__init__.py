"""What a forecaster is: its settings resolved, its model, its fitting, its predictions."""
