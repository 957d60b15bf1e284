{#- Fails with the rows whose value lies below the lowest or above the highest allowed one. -#}
{% test accepted_range(model, column_name, lowest=none, highest=none) %}

select *
from {{ model }}
where
    {% if lowest is not none %}{{ column_name }} < {{ lowest }}{% else %}false{% endif %}
    or {% if highest is not none %}{{ column_name }} > {{ highest }}{% else %}false{% endif %}

{% endtest %}
