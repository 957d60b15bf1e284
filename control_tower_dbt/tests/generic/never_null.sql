{#- Fails with the rows in which any of the columns is null. -#}
{% test never_null(model, columns) %}

select *
from {{ model }}
where
    {% for column in columns -%}
    {% if not loop.first %}or {% endif %}{{ column }} is null
    {% endfor %}

{% endtest %}
