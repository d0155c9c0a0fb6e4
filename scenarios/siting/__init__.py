"""From a city folder to a siting study: what `[siting]` says, the files beside it, and who reaches which site."""
