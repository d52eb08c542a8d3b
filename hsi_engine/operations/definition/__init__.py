"""What an operation is: parameters, results, and how they are described and called."""
