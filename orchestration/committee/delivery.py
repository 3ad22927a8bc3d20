"""Handing approved packs over, each edition to each target once.

Belongs here: what was handed over already, and what is not sent twice. Not here: the kinds of
targets (targets), when it is due (calendar).
"""

from datetime import datetime

from orchestration.committee import receipts, store
from orchestration.committee.targets import DeliveryError, target
from orchestration.settings import Settings
from orchestration.state import State


def deliver(
    settings: Settings,
    state: State,
    pack: store.Pack,
    name: str,
    at: datetime,
    again: bool = False,
) -> bool:
    """Hand a pack over to a target, with a receipt; whether it was needed.

    `again` sends although there is a receipt, or a delivery whose end nobody knows. Raises
    DeliveryError, ConfigurationError.
    """
    if receipts.is_delivered(state, pack, name) and not again:
        return False
    found = target(settings, name)
    wrong = store.faults(state, pack)
    if wrong:
        raise DeliveryError(
            f"the approved committee pack for {pack.meeting} is not delivered: {wrong[0]}; restore"
            " it from the backup (docs/runbooks/committee-pack.md)"
        )
    if receipts.is_marked(state, pack, name) and not (found.repeatable or again):
        raise DeliveryError(
            f"a delivery of the committee pack for {pack.meeting} to {found.where} was cut off and"
            " may have arrived; ask the receiver, then `raaderum committee --meeting"
            f" {pack.meeting} --deliver --again`, which sends it to every target"
        )
    receipts.mark(state, pack, name)
    try:
        found.hand_over(pack)
    except DeliveryError:
        receipts.unmark(state, pack, name)
        raise
    receipts.write_receipt(state, pack, name, found.where, at)
    return True
