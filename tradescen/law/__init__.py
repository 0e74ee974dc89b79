"""What the law says: measures, how they stack, the schedule of day zero, weights, estimates."""
