"""What training is made of: episode batches, replay, schedules, action selection, clocks."""
