"""Organisations, their users, and what was recorded about them; who may do what is in auth."""

from service.people import texts as _texts
from service.people.history import EventQuery, get_rule, list_events, list_rules
from service.people.organisations import (
    add_certificate,
    change_organisation,
    create_organisation,
    get_organisation,
    list_organisations,
)
from service.people.paging import Turn
from service.people.users import (
    change_own_password,
    change_user,
    create_user,
    get_user,
    list_users,
    set_password,
    whoami,
)

__all__ = [
    "EventQuery",
    "Turn",
    "add_certificate",
    "change_organisation",
    "change_own_password",
    "change_user",
    "create_organisation",
    "create_user",
    "get_organisation",
    "get_rule",
    "get_user",
    "list_events",
    "list_organisations",
    "list_rules",
    "list_users",
    "set_password",
    "whoami",
]
del _texts
