"""What the control API answers: a module for each of its subjects."""
