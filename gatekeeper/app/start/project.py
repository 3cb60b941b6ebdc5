"""`gatekeeper.yaml`, the first environment, and the CI snippet of a first gate."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from gatekeeper.app.start.found import Found
from gatekeeper.app.start.policy import FILE as POLICY_FILE
from gatekeeper.app.start.policy import NAME
from gatekeeper.app.start.yamltext import comment, head
from gatekeeper.policy.yamlwriting import scalar

CI_FILES = {
    "github": ".github/workflows/gatekeeper.yaml",
    "gitlab": ".gitlab/gatekeeper.gitlab-ci.yml",
    "jenkins": "Jenkinsfile.gatekeeper",
}
"""Files of their own: a pipeline that is there is never touched."""
TEMPLATES = {"github": "github.yaml", "gitlab": "gitlab.yaml", "jenkins": "jenkins.groovy"}


class Deployed(Struct, frozen=True, kw_only=True):
    """What the first environment holds. `is_made_up` says that nobody has named the image yet."""

    name: str
    image: str
    is_made_up: bool = False


def project_text(found: Found) -> str:
    """`gatekeeper.yaml`: where the evidence is, so that the command line need not say it."""
    lines = ["apiVersion: gatekeeper/v1", "kind: Project", "spec:", "  evidence:"]
    return head("project", 0) + "\n".join([*lines, *(f"    - {scalar(spec)}" for spec in specs(found)), ""])


def specs(found: Found) -> list[str]:
    """The evidence as `--evidence` names it."""
    given = [] if found.metrics is None else [f"metrics=json:{found.metrics.path}"]
    given += [] if found.tests is None else [f"unit=junit:{found.tests.path}"]
    return given or ["check=command:check.json"]


def environment_files(deployed: Deployed) -> dict[str, str]:
    """`environments/staging.yaml` and the manifest that a promotion to it changes."""
    manifest = "environments/staging/kustomization.yaml"
    note = ["  # Put your image's name here, and in the kustomization."] if deployed.is_made_up else []
    text = "\n".join(
        [
            head("environment", 1) + "apiVersion: gatekeeper/v1",
            "kind: Environment",
            "metadata: {name: staging}",
            "spec:",
            "  policies:",
            f'    - {{name: {NAME}, version: "^1", enforcement: deny}}',
            "  waivers: {level: asserted, max: 30d}",
            "  delivery: {mode: commit, branch: main}",
            *note,
            f"  name: {scalar(deployed.name)}",
            f"  image: {scalar(deployed.image)}",
            "  manifests:",
            f"    - {{path: {manifest}, format: kustomize}}",
            "",
        ]
    )
    kustomization = "\n".join(
        [
            "apiVersion: kustomize.config.k8s.io/v1beta1",
            "kind: Kustomization",
            "images:",
            "  # A promotion changes this entry and nothing else. The tag stands for no release yet.",
            f"  - name: {scalar(deployed.image)}",
            "    newTag: none",
            "",
        ]
    )
    return {"environments/staging.yaml": text, manifest: kustomization}


def snippet(template: str, found: Found, version: str, *, environment: bool) -> str:
    """A CI template with the version pinned, and the evidence that earlier steps have to write."""
    made = [comment(spec.partition(":")[2]) for spec in specs(found)]
    by = "--env staging" if environment else f"--policy {POLICY_FILE}"
    check = "" if found.metrics is not None or found.tests is not None else "gatekeeper run --name check -- true"
    return _filled(template, {"VERSION": version, "EVIDENCE": ", ".join(made), "JUDGED_BY": by, "CHECK": check})


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its marks replaced in one pass; a step that has nothing to do is left out with its line."""
    lines = []
    for line in template.splitlines():
        filled = re.sub("@([A-Z_]+)@", lambda mark: values[mark[1]], line)
        if filled == line or filled.strip() not in ("", "-", "- run:"):
            lines.append(filled)
    return "\n".join(lines) + "\n"
