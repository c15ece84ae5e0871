"""What will sell: from a business to a forecast, its tables and its workbook."""
