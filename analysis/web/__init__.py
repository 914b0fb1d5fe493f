"""The web report: one self-contained page; hand-written SVG and canvas, no library.

Why no charting library: plotly adds 4.8 MB and altair 0.9 MB to the page; ours is about 40 kB.
"""
