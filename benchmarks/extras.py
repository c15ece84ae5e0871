"""Peers that come with the extra `bench`: measured where they are installed, and named where they are not."""

from importlib import import_module

NOT_INSTALLED = "not installed: pip install -e .[bench]"


def can_import(library: str) -> bool:
    """Whether this library can be imported here, with all that it needs itself."""
    try:
        import_module(library)
    except ImportError:
        return False
    return True
