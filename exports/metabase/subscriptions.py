"""Subscriptions: a dashboard that Metabase sends by e-mail, on a schedule.

Belongs here: finding ours again by name, comparing, writing, ending those that nobody asks for. Not
here: who is to have them (the caller's settings), and the e-mail server (Metabase's own).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from exports.metabase.applied import Applied
from exports.metabase.client import Api, MetabaseError

_MARK = "Råderum: "
"""How the name of a subscription of ours begins: those of others are left alone."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True)
class Subscription:
    """A dashboard by its name, who gets it, and when: every day, or on a day of the week."""

    dashboard: str
    recipients: tuple[str, ...]
    hour: int
    day: Day | None = None

    @property
    def channel(self) -> dict[str, Any]:
        """Metabase's shape of how and when it is sent."""
        return {
            "channel_type": "email",
            "enabled": True,
            "schedule_type": "weekly" if self.day else "daily",
            "schedule_hour": self.hour,
            "schedule_day": self.day,
            "schedule_frame": None,
            "recipients": [{"email": address} for address in self.recipients],
        }


def subscribe(
    wanted: Sequence[Subscription],
    api: Api,
    boards: Mapping[str, Mapping[str, Any]],
    done: Applied,
) -> None:
    """Make the subscriptions so; `boards` are our dashboards as the server keeps them, by name.

    Raises MetabaseError for a dashboard that is not among them.
    """
    if unknown := sorted({one.dashboard for one in wanted} - set(boards)):
        raise MetabaseError(
            f"metabase.subscriptions names {', '.join(unknown)}, which is no dashboard of ours "
            f"(there are: {', '.join(boards)})"
        )
    asked = {one.dashboard: one for one in wanted}
    there = api.get("/api/pulse")
    for name, board in boards.items():
        label = f"{_MARK}{name}"
        [kept, *_] = [
            *(
                one
                for one in there
                if one.get("dashboard_id") == board["id"] and one["name"] == label
            ),
            None,
        ]
        if name in asked:
            _apply(_body(label, board, asked[name]), kept, api, done)
        elif kept is not None:
            api.put(f"/api/pulse/{kept['id']}", {"archived": True})
            done.changed.append(f"{label}, ended")


def _body(label: str, board: Mapping[str, Any], wanted: Subscription) -> dict[str, Any]:
    cards = [
        {
            "id": place["card_id"],
            "dashboard_card_id": place["id"],
            "include_csv": False,
            "include_xls": False,
        }
        for place in board["dashcards"]
    ]
    return {
        "name": label,
        "dashboard_id": board["id"],
        "cards": cards,
        "channels": [wanted.channel],
        "skip_if_empty": False,
    }


def _apply(body: dict[str, Any], kept: Mapping[str, Any] | None, api: Api, done: Applied) -> None:
    if kept is None:
        made = api.post("/api/pulse", body)
        done.made.append(body["name"])
    elif _sent(kept) == _sent(body):
        done.same += 1
        return
    else:
        made = api.put(f"/api/pulse/{kept['id']}", body)
        done.changed.append(body["name"])
    if _sent(made) != _sent(body):
        raise MetabaseError(f"Metabase keeps another subscription than sent: '{body['name']}'")


def _sent(pulse: Mapping[str, Any]) -> tuple[object, ...]:
    """What matters of a subscription: its cards, and to whom and when it goes."""
    channels = [
        (
            one["channel_type"],
            one["schedule_type"],
            one.get("schedule_hour"),
            one.get("schedule_day"),
            sorted(str(person.get("email")) for person in one.get("recipients", [])),
        )
        for one in pulse["channels"]
        if one.get("enabled", True)
    ]
    cards = sorted((one["id"], one.get("dashboard_card_id") or 0) for one in pulse["cards"])
    return cards, channels
