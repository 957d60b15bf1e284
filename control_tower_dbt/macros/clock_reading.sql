{#-
    Microseconds a clock shows at a moment: those of opening hours so far where it keeps a
    schedule, else those of the calendar. `hours` holds the last opening at or before the moment;
    least() would take the close time of a missing row for the moment, hence the case.
-#}
{% macro clock_reading(moment, schedule_id, hours) -%}
case
    when {{ schedule_id }} is null then epoch_us({{ moment }})
    when {{ hours }}.opens_at is null then 0
    when {{ moment }} < {{ hours }}.closes_at
        then
            {{ hours }}.open_microseconds_before
            + epoch_us({{ moment }}) - epoch_us({{ hours }}.opens_at)
    else
        {{ hours }}.open_microseconds_before
        + epoch_us({{ hours }}.closes_at) - epoch_us({{ hours }}.opens_at)
end
{%- endmacro %}
