{{ config(materialized='ephemeral') }}
select id, email from {{ ref('customers') }}
