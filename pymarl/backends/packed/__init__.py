"""The fast CPU form of the recurrent agent: only real steps, whole sequences, fused gates.

Equal to unrolling the cell step by step over padded episodes (tests/golden/test_packed_kernels.py);
that form stays in the code as ``fast: false``.
"""
