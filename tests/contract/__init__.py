"""What the simulator owes to Azure, shown on recordings, Microsoft's specifications and clients."""
