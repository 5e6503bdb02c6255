"""Rule files from draft to publication: checked, decided by two persons, never changed afterwards.

`checking` reads a text and runs everything it must pass, `drafts` holds the use cases of page, API
and command line, `reading` what is shown. Families of rules register themselves with
`service.kernel.rulebook.register_family`; nothing here knows one of them.
"""
