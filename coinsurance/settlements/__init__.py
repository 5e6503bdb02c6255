"""Settlement between members (共保结算): statements, disputes, runs, reconciliation, results.

closing      periods of statements          statements   one statement and its answers
lines        the ledger's lines behind it   disputes     a line on the side account
runs, bank   what is paid, and the bank     obligations  what is open, discharged, held back
reconciling  three sides compared           bordereaux   members' own lists
certificates year-end, no difference        evidence     bundles a stranger can check
results      ratios, triangle, scorecard    books        the book as plain-text accounting
"""
