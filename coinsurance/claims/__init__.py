"""Use cases of claims (赔案): notice, survey, assessment, decision, payment, recovery, closing.

One transaction each; the member who handles claims acts, every member on the risk sees the claim
with its own parts. Money is written by ``storing`` alone: movement, parts, entry, debts between
members and the event of the journal in one statement.
"""
