"""What of a dataset is shown: metric, part of the training, maps and algorithms, what is split."""
