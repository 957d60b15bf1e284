"""A machine of its own for the units: systemd as the first process, this project installed."""
