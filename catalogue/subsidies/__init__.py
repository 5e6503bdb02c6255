"""Subsidies (补贴): schemes and budgets, applications, review and notice, payment, recovery."""
