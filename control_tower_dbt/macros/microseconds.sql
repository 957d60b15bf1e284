{#- Minutes as whole microseconds, so that sums and comparisons of durations are exact. -#}
{% macro microseconds(minutes) -%}
cast(round({{ minutes }} * 60000000) as bigint)
{%- endmacro %}
