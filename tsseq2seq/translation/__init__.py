"""What a translator is: its settings resolved, its model, its fitting, its searches."""
