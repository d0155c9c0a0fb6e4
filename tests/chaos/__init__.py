"""Kills, stops and cuts of every kind against the running service, with a history that is checked afterwards."""
