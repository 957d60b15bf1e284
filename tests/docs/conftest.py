"""What the documentation says, as its tests look at it."""

import sys

from control_tower.settings import PROJECT_ROOT

# Where Sphinx, too, finds the extension that writes the reference pages.
sys.path.insert(0, str(PROJECT_ROOT / "docs" / "_ext"))
