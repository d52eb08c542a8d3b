"""What an input from elsewhere may not do: reach the network, block, run without end, or refer to what is not a file."""
