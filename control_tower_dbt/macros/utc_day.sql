{#- The UTC day a moment lies in, whatever zone the session shows times in. -#}
{% macro utc_day(moment) -%}
cast({{ moment }} at time zone 'UTC' as date)
{%- endmacro %}
