"""gatekeeper judges an ML artifact's evidence against versioned policies and promotes what passes."""

__version__ = "0.1.0"
