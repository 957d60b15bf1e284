{#- Fails if there are no rows at all. -#}
{% test not_empty(model) %}

select 'no rows' as problem
where not exists (select 1 from {{ model }})

{% endtest %}
