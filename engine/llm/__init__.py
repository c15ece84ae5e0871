"""Language models at arm's length: who may be asked, what that costs, and what is remembered. Nothing here is imported
before it is used."""
