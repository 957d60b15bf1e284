{{ config(materialized='incremental') }}

with

states as (

    select
        ticket_id,
        state_number,
        activity
    from {{ ref('int_ticket_states') }}
    where
        event_id is not null
        and {{ is_touched() }}

),

paths as (

    select
        ticket_id,
        list(activity order by state_number) as activities
    from states
    group by ticket_id

)

select * from paths
