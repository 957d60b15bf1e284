{#-
    The UTC day a moment lies in, whatever zone the session shows times in. By the number of
    microseconds: the calendars of time zones take three times as long.
-#}
{% macro utc_day(moment) -%}
cast(make_timestamp(epoch_us({{ moment }})) as date)
{%- endmacro %}
