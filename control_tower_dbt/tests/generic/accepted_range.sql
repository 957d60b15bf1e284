{#- Fails with the rows in which any of the columns lies below the lowest or above the highest. -#}
{% test accepted_range(model, columns, lowest=none, highest=none) %}

select *
from {{ model }}
where
    {% for column in columns -%}
    {% if not loop.first %}or {% endif -%}
    {% if lowest is not none %}{{ column }} < {{ lowest }}{% else %}false{% endif %}
    {% if highest is not none %}or {{ column }} > {{ highest }}{% endif %}
    {% endfor %}

{% endtest %}
