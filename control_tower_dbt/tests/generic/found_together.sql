{#- Fails with the rows whose combination of columns is missing from another model. -#}
{% test found_together(model, columns, in_model) %}

select distinct {{ columns | join(', ') }}
from {{ model }}
except
select {{ columns | join(', ') }}
from {{ in_model }}

{% endtest %}
