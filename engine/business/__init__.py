"""The one model of the business that every page asks: built once from the file, the owner's answers and today."""
