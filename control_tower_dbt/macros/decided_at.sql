{#-
    The moment a target was decided: the one it was passed, or else when its clock stopped. The
    desk's own word that a target was missed may come without such a moment.
-#}
{% macro decided_at(sla, landing) -%}
coalesce({{ sla }}.breach_at, {{ sla }}.ended_at, {{ landing }}.as_of)
{%- endmacro %}
