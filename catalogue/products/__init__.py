"""Products in the library (在库产品): drafting, filing, the library and its shelf.

records  reading one product or version       drafts   writing drafts and new versions
filing   from submission to the decision      library  suspension, withdrawal, corrections, counts
shelf    lists for the public and for desks   documents  uploaded files
imports  Excel and CSV                        types    product types
"""
