{#- How far along the line of escalation a group stands; null for groups outside it. -#}
{% macro escalation_level(group_name) -%}
case {{ group_name }}
    when 'Tier 1 Support' then 1
    when 'Tier 2 Specialists' then 2
    when 'Engineering' then 3
end
{%- endmacro %}
