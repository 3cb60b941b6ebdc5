"""Policies, environments and waivers: strict reading, and shorthands turned into CEL text. No engine is needed here."""
