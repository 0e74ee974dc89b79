"""Arrays: codes as integers, goods in classes, and the kernel that stacks duties."""
