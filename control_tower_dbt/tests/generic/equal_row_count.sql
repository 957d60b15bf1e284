{#- Fails if a model has more or fewer rows than another has; `of_rows` picks the other's rows. -#}
{% test equal_row_count(model, compare_to, of_rows='true') %}

with

here as (

    select count(*) as rows_here
    from {{ model }}

),

there as (

    select count(*) as rows_there
    from {{ compare_to }}
    where {{ of_rows }}

)

select
    here.rows_here,
    there.rows_there
from here
cross join there
where here.rows_here != there.rows_there

{% endtest %}
