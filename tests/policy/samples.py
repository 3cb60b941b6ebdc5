"""One full document of each kind, from which the tests make wrong ones."""

from __future__ import annotations

from typing import Any

DIGEST = "sha256:" + "0" * 64
HEAD = {"apiVersion": "gatekeeper/v1"}

POLICY: dict[str, Any] = {
    **HEAD,
    "kind": "Policy",
    "metadata": {
        "name": "model-quality",
        "version": "2.1.0",
        "title": "Good enough",
        "owners": ["a"],
        "labels": {"a": "b"},
    },
    "spec": {
        "parameters": {
            "floor": {"type": "number", "default": 0.85, "minimum": 0, "maximum": 1, "stricter": "higher"},
            "window": {"type": "duration", "default": "7d"},
            "tier": {"type": "string", "choices": ["a", 1, 0.5], "description": "One of three."},
        },
        "evidence": {
            "metrics": {"kind": "metrics", "about": "model", "max_age": "7d"},
            "image": {"kind": "scan", "producers": ["trivy"], "about": "artifact", "expect": 2, "optional": True},
        },
        "variables": {"error_rate": "1.0 - evidence.metrics.values.accuracy"},
        "rules": [
            {
                "id": "accuracy",
                "why": "It matters.",
                "remedy": "Retrain.",
                "severity": "high",
                "metric": {"name": "accuracy", "in": "metrics", "min": "params.floor", "max": 1, "min_n": 30.5},
            },
            {
                "id": "gap",
                "why": "It matters.",
                "remedy": "Retrain.",
                "fairness": {"definition": "demographic_parity_ratio", "by": "sex", "min": 0.8, "min_group_n": 30},
            },
            {
                "id": "vulnerabilities",
                "why": "It matters.",
                "remedy": "Upgrade.",
                "effective_on": "2027-01-15",
                "waivable": False,
                "scan": {"max": {"critical": 0, "high": 5}, "fixable_only": True, "max_db_age": "24h"},
            },
            {"id": "unit", "why": "w", "remedy": "r", "tests": {"max_failures": 0, "must_pass": ["a*"]}},
            {"id": "style", "why": "w", "remedy": "r", "lint": {"max": {"error": 0}}},
            {"id": "speed", "why": "w", "remedy": "r", "latency": {"p95_ms": 300, "min_duration": "30s"}},
            {"id": "tool", "why": "w", "remedy": "r", "command": {"exit_status": 0, "max_duration": "5m"}},
            {
                "id": "plain",
                "why": "w",
                "remedy": "r",
                "when": "environment.name != 'sandbox'",
                "require": "variables.error_rate < 0.2",
                "message": "'too many'",
                "optional": True,
            },
        ],
    },
}
ENVIRONMENT: dict[str, Any] = {
    **HEAD,
    "kind": "Environment",
    "metadata": {"name": "production"},
    "spec": {
        "policies": [{"name": "model-quality", "version": "^2", "enforcement": "warn", "parameters": {"floor": 0.9}}],
        "after": [{"environment": "staging"}],
        "waivers": {"level": "asserted", "max": "30d"},
        "delivery": {"mode": "commit", "branch": "main"},
        "pin": "digest",
        "artifacts": [
            {
                "name": "churn",
                "image": "registry.example/churn-model",
                "policies": [{"name": "fairness", "version": "1.2.3"}],
                "manifests": [{"path": "environments/production/churn/kustomization.yaml", "format": "kustomize"}],
            }
        ],
        "include": ["environments/production.d/*.yaml"],
    },
}
FLAT: dict[str, Any] = {
    **HEAD,
    "kind": "Environment",
    "metadata": {"name": "staging"},
    "spec": {
        "policies": [{"name": "model-quality", "version": "~2.1"}],
        "name": "churn",
        "image": "registry.example/churn-model",
        "manifests": [{"path": "environments/staging/kustomization.yaml", "format": "kustomize", "image": "churn"}],
    },
}
WAIVER: dict[str, Any] = {
    **HEAD,
    "kind": "Waiver",
    "metadata": {"name": "sec-311"},
    "spec": {
        "policy": "supply-chain",
        "rule": "no-fixable-critical",
        "environments": ["staging"],
        "artifact": DIGEST,
        "covers": ["fail", "missing"],
        "only_while": "evidence.image.counts.critical <= 1",
        "reason": "The fix breaks the driver.",
        "ticket": "SEC-311",
        "requested_by": "carol",
        "approved_by": "dave",
        "granted": "2026-11-20",
        "expires": "2026-12-01T00:00:00+01:00",
    },
}
ARTIFACT: dict[str, Any] = {
    **HEAD,
    "kind": "Artifact",
    "spec": {
        "image": f"registry.example/churn-model:1.4.2@{DIGEST}",
        "model": {"name": "churn", "version": "7", "digest": DIGEST},
        "commit": "9f2c",
        "run": "mlflow:3f6",
        "datasets": {"train": DIGEST},
    },
}
PROJECT: dict[str, Any] = {
    **HEAD,
    "kind": "Project",
    "metadata": {"name": "churn"},
    "spec": {"policies": "policies", "evidence": ["reports/*.json"], "artifact": "artifact.yaml", "repo": "../gitops"},
}
ALL = (POLICY, ENVIRONMENT, FLAT, WAIVER, ARTIFACT, PROJECT)
