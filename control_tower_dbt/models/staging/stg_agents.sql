with

agents as (

    select
        agent_id,
        agent_name,
        group_name,
        time_zone,
        fte,
        hourly_cost_usd
    from {{ source('raw', 'agents') }}

)

select * from agents
