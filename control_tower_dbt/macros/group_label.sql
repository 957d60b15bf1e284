{#- The name a group is reported under; work nobody holds is shown, not dropped. -#}
{% macro group_label(group_name) -%}
coalesce({{ group_name }}, 'Unassigned')
{%- endmacro %}
