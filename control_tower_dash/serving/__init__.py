"""Everything between the network and the pages: server, sign-in, protection, state of health."""
