"""Why a figure changed."""
