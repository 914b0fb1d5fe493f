"""The run folder: what a run writes, where, and how it resumes."""
