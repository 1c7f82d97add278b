"""What a training needs before it starts, and the jobs that a plan becomes."""
