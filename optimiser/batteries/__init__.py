"""Packs of bikes at the depots: charged between two nights, as cheaply as slots, time and the site's power allow."""
