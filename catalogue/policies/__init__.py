"""Policies (保单): recording, premium receipts, endorsements, disputes, losses.

records  reading; who may see what      recording  a new policy, receipts, losses, disputes
endorsements  changes and their mirror images, refunds per funding source
"""
