"""Tables: plain pandas frames, each with the definition of its numbers in ``attrs``."""
