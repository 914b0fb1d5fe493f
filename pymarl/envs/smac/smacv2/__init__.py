"""SMACv2's additions to SMAC: scenarios drawn anew in every episode, and enemies hidden by chance.

Facts of oxwhirl/smacv2 at commit 577ab5a; docs/environments/smacv2.md says how they map to code.
"""
