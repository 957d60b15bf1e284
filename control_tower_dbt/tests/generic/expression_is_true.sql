{#- Fails with the rows for which an expression is false; where it is null, nothing is claimed. -#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }}
where not ({{ expression }})

{% endtest %}
