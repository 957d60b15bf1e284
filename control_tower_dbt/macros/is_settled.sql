{#- Whether a status means that nobody waits for anything any more. -#}
{% macro is_settled(status) -%}
{{ status }} in ('solved', 'closed')
{%- endmacro %}
