{#-
    Whether a row belongs to a ticket that is worked out anew: all of them, unless the build names
    those that anything happened to since the last one, in the table changes.touched_tickets.
-#}
{% macro is_touched(ticket_id='ticket_id') -%}
{% if var('touched_only', false) -%}
{{ ticket_id }} in (select touched.ticket_id from changes.touched_tickets as touched)
{%- else -%}
true
{%- endif %}
{%- endmacro %}

{#- How a model that holds tickets' rows takes up new ones: theirs go out first. -#}
{% macro get_incremental_touched_tickets_sql(arguments) -%}
{% set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) %}
delete from {{ arguments['target_relation'] }} where {{ is_touched() }};
insert into {{ arguments['target_relation'] }} ({{ columns }})
select {{ columns }}
from {{ arguments['temp_relation'] }}
{%- endmacro %}

{#-
    Before models are built of all tickets: what was noted of the build before holds no longer, so
    the next one may not add to it.
-#}
{% macro forget_what_was_built() -%}
{% set models = [] %}
{% for resource in selected_resources if resource.startswith('model.') -%}
{% do models.append(resource) %}
{%- endfor %}
{% if models and not var('touched_only', false) -%}
drop table if exists changes.build
{%- endif %}
{%- endmacro %}
