"""Metabase content: collections, questions and dashboards on the aggregated schema.

Belongs here: what is offered (`content`), its files in Metabase's representation format
(`representation`), and putting it on a server over the REST API, which the free edition has too
(`applier`, `subscriptions`, `client`). Does not belong here: settings and secrets (the caller's),
the tables.
"""

from exports.metabase.applied import Applied
from exports.metabase.applier import apply_content
from exports.metabase.client import MetabaseError, connect
from exports.metabase.content import Content, read_content
from exports.metabase.representation import write_representation
from exports.metabase.subscriptions import Subscription

__all__ = [
    "Applied",
    "Content",
    "MetabaseError",
    "Subscription",
    "apply_content",
    "connect",
    "read_content",
    "write_representation",
]
