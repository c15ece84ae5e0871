"""Results -> files that an owner can take along."""

from engine.exports.tables import Sheet, csv_bytes, workbook

__all__ = ["Sheet", "csv_bytes", "workbook"]
