"""From run folders to figures, tables, verdicts and a web report.

Reads files only: never imports ``pymarl`` or torch. See docs/pipeline/analysis.md.
"""
