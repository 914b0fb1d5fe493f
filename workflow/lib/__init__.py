"""Python behind the Snakefile: experiment files, run lists, progress, `make reproduce`.

It calls the command lines of ``pymarl`` and ``analysis`` and never imports them.
"""
