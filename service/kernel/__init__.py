"""What both domains stand on; imports nothing of ours."""
