{#- Minutes between two moments, exact to the microsecond; null while either is unknown. -#}
{% macro minutes_between(started_at, ended_at) -%}
(epoch_us({{ ended_at }}) - epoch_us({{ started_at }})) / 60000000.0
{%- endmacro %}
