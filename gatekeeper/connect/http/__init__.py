"""HTTP, asked through one door: bounded in time and size, through proxies and the given CA, never telling a secret."""

from __future__ import annotations

from gatekeeper.connect.http.door import HttpDoor

__all__ = ["HttpDoor"]
