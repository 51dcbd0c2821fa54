select sum(spent) as total from {{ ref('stg_orders') }}
