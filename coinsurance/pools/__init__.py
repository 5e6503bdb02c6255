"""Use cases of pools (共保体): agreement, year, members, schedules, consents, balances.

Each changes things in one transaction and journals every step. A matter that needs the members'
consent is put to them by ``consents.ask`` and takes effect when the request is given.
"""
