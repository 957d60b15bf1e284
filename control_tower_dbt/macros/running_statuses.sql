{#- The metrics whose clocks pause, with the statuses in which each of them runs. -#}
{% macro pausing_metrics() -%}
{{ return({
    'requester_wait_time': ['new', 'open', 'hold'],
    'agent_work_time': ['new', 'open'],
    'total_resolution_time': ['new', 'open', 'pending', 'hold'],
}) }}
{%- endmacro %}

{#- Whether a metric's clock runs in a status. -#}
{% macro runs_in(metric, status) -%}
{{ status }} in ('{{ pausing_metrics()[metric] | join("', '") }}')
{%- endmacro %}
