"""`privity COMMAND`: one file a command. `main.py` knows them all."""
