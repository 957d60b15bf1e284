{#- Whether time spent keeps a target; time equal to the target does, and no target cannot be broken. -#}
{% macro sla_status(elapsed, target) -%}
    case when {{ elapsed }} > {{ target }} then 'breached' else 'within_sla' end
{%- endmacro %}
