"""Tables of a dataset: the summary, comparisons over maps and pairs, exports for other tools."""
