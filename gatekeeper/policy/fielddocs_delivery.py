"""What every key of conditions, delivery, approvals, holds and deny lists means; see `fielddocs`."""

from __future__ import annotations

from gatekeeper.policy.fielddocs import Entry

CONDITIONS: dict[str, Entry] = {
    "EnvironmentSpec.windows": (
        "When promotions may be made.",
        {"timezone": "Europe/Berlin", "allow": [{"days": ["mon", "tue"], "from": "09:00", "to": "16:00"}]},
    ),
    "EnvironmentSpec.approvals": ("Whose yes a promotion needs.", {"count": 1, "from": ["alice", "bob"]}),
    "EnvironmentSpec.registry": (
        "The model registry whose alias follows the promotion.",
        {"type": "mlflow", "alias": "production"},
    ),
    "After.environment": ("The environment that comes before.", "staging"),
    "After.soak": ("How long the digest must have stayed there, without a break.", "24h"),
    "Windows.timezone": ("The time zone of all clock times and bare dates here, by its IANA name.", "Europe/Berlin"),
    "Windows.allow": (
        "The times of the week in which promotions may be made; none means always.",
        [{"days": ["mon", "tue", "wed", "thu"], "from": "09:00", "to": "16:00"}],
    ),
    "Windows.freeze": (
        "Times in which nothing is promoted.",
        [{"from": "2026-12-20", "to": "2027-01-03", "why": "holidays"}],
    ),
    "AllowedWindow.days": ("The days on which it begins.", ["mon", "tue"]),
    "AllowedWindow.from": ("When it begins.", "09:00"),
    "AllowedWindow.to": ("When it ends; at or before `from`, it is that time on the next day.", "16:00"),
    "Freeze.from": ("When it begins; a bare date is the first moment of that day.", "2026-12-20"),
    "Freeze.to": ("When it ends; a bare date is the last moment of that day.", "2027-01-03"),
    "Freeze.why": ("Why nothing is promoted; shown to whoever waits.", "holidays"),
    "Approvals.count": ("How many different people must approve.", 1),
    "Approvals.from": ("The people of `trust.yaml` whose approval counts.", ["alice", "bob"]),
    "Approvals.level": (
        "What vouches for an approval: `asserted` a file, `reviewed` the forge, `signed` the approver's key.",
    ),
}
DELIVERY: dict[str, Entry] = {
    "Delivery.mode": ("`commit` writes to the branch itself; `pull-request` proposes the commit.",),
    "Delivery.branch": ("The branch that is written.", "main"),
    "Delivery.repo": (
        "The repository of the manifests and records, where it is another one than that of the policies.",
        "https://git.example/production.git",
    ),
    "Delivery.message": (
        "The head of the commit's message, in place of ours; it may hold {environment}, {artifact}, {old} and {new}.",
        "deploy({environment}): {artifact} {new}",
    ),
    "Delivery.forge": ("Where pull requests are opened.", {"type": "gitea", "repository": "ml/deploy"}),
    "Forge.type": (
        "The forge's kind. `gitlab-push` (GitLab) and `agit` (Gitea, Forgejo) need no token: git's credentials do.",
    ),
    "Forge.url": ("The forge's address, where it is not that of the repository.", "https://git.example"),
    "Forge.repository": ("Owner and name, where they are not those of the repository's address.", "ml/deploy"),
    "Forge.labels": ("Labels for its pull requests.", ["promotion"]),
    "Forge.merge": ("How `gatekeeper promote --merge` merges.",),
    "ManifestPlace.path": ("The file.", "environments/production/churn/kustomization.yaml"),
    "ManifestPlace.format": ("How the file names the image.",),
    "ManifestPlace.image": ("The image's name in the file, where it differs from the artifact's.", "churn"),
    "ManifestPlace.at": ("The place in the file: a path such as `.image`; for `regex`, the expression.", ".image"),
    "ManifestPlace.container": ("The only container that is meant.", "server"),
    "ManifestPlace.write": (
        "What stands at the place; without it, what the format says, else the whole image.",
        "tag",
    ),
    "ManifestPlace.add": ("Whether a missing entry is added, where the format can.",),
    "ModelRegistry.type": ("The registry's kind.",),
    "ModelRegistry.alias": ("The alias that is moved to the promoted version.", "production"),
    "ModelRegistry.url": ("The registry's address; by default that of MLFLOW_TRACKING_URI.", "https://mlflow.example"),
    "ModelRegistry.model": ("The registered model's name, where the artifact does not carry it.", "churn"),
}
PEOPLE: dict[str, Entry] = {
    "PeopleMetadata.name": ("The document's name.", "churn-1-4-2"),
    "Approval.spec": ("Who says yes to what, and until when.",),
    "ApprovalSpec.environment": ("The environment that it is for.", "production"),
    "ApprovalSpec.artifact": ("The artifact's name there.", "churn"),
    "ApprovalSpec.digest": ("The only digest that it is for.",),
    "ApprovalSpec.policies": ("The policies that it was given under, by name, with the digests of their files.",),
    "ApprovalSpec.by": ("The approver, by the name in `trust.yaml`; never who asks for the promotion.", "alice"),
    "ApprovalSpec.granted": ("From when it counts.", "2026-11-25T09:00:00Z"),
    "ApprovalSpec.expires": ("From when it counts no more.", "2026-12-02T09:00:00Z"),
    "ApprovalSpec.reason": ("What was looked at.", "Dashboards of the canary are fine."),
    "Hold.spec": ("What must not move, why, and until when.",),
    "HoldSpec.environment": ("The environment that is held.", "production"),
    "HoldSpec.artifact": ("The only artifact that is held; without it all are.", "churn"),
    "HoldSpec.reason": ("Why nothing may move; shown to whoever waits.", "Rolled back: latency doubled."),
    "HoldSpec.by": ("Who holds it.", "alice"),
    "HoldSpec.since": ("From when.", "2026-11-25T09:00:00Z"),
    "HoldSpec.until": ("When it ends by itself; without it, when it is removed.", "2026-11-26T09:00:00Z"),
    "DenyList.spec": ("Digests that are never promoted, anywhere.",),
    "DenyListSpec.digests": ("The digests.",),
    "DenyListSpec.reason": ("Why; shown with every denial.", "Trained on data that had to be deleted."),
    "DenyListSpec.by": ("Who forbids them.", "alice"),
}
