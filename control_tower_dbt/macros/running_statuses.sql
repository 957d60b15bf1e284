{#- The statuses in which the customer is kept waiting. -#}
{% macro runs_requester_wait(status) -%}
{{ status }} in ('new', 'open', 'hold')
{%- endmacro %}

{#- The statuses in which the ticket waits for an agent's work. -#}
{% macro runs_agent_work(status) -%}
{{ status }} in ('new', 'open')
{%- endmacro %}
