"""The agreement of a pool (共保协议) as executable data.

Read it in this order: ``terms`` (what an agreement says), ``book`` (how a file says it), ``cases``
(how its worked cases are answered), ``checks`` (what keeps it from being published), ``words``
(each clause in Chinese words).
"""
