"""The shorthands, one file each, named as they are written in a rule. Each turns its keys into CEL text."""
