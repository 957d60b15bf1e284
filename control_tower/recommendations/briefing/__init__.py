"""The Monday briefing: five questions, answered with figures, on a page that can be forwarded."""

from control_tower.recommendations.briefing.compose import compose
from control_tower.recommendations.briefing.html import as_html
from control_tower.recommendations.briefing.markdown import as_markdown
from control_tower.recommendations.briefing.page import Briefing

__all__ = ["Briefing", "as_html", "as_markdown", "compose"]
