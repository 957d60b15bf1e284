{#- Hours between two moments, exact to the microsecond; null while either is unknown. -#}
{% macro cycle_hours(started_at, ended_at) -%}
(epoch_us({{ ended_at }}) - epoch_us({{ started_at }})) / 3600000000.0
{%- endmacro %}
