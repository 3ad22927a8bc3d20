"""The committee pack on its way to the meeting: comment, draft, approval, delivery.

Belongs here: what is kept under `$RAADERUM_HOME/committee` (`store`), reading comments
(`comments`), making drafts (`drafts`) and approved packs (`approvals`), handing them over
(`delivery`, `targets`), and what is due before a meeting (`calendar`). Not here: what a pack says
and looks like (`exports.committee`), when Dagster looks (`jobs`).
"""
