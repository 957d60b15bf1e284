{#- The waits a desk sums up of a ticket, with the statuses each of them is counted in. -#}
{% macro desk_waits() -%}
{{ return({
    'agent_wait_time': ['pending'],
    'requester_wait_time': ['new', 'open', 'hold'],
    'on_hold_time': ['hold'],
}) }}
{%- endmacro %}

{#- Whether a desk counts a status into a wait. -#}
{% macro waits_in(metric, status) -%}
{{ status }} in ('{{ desk_waits()[metric] | join("', '") }}')
{%- endmacro %}
