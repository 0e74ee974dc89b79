"""How the law moves: acts and what is composed of them, and the fold that says what holds when."""
