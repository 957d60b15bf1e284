{#- Whether time spent keeps a target; time equal to the target does. -#}
{% macro sla_status(elapsed, target) -%}
case when {{ elapsed }} > {{ target }} then 'breached' else 'within_sla' end
{%- endmacro %}
