"""What is searched, in the memory of each process that searches and nowhere else."""
