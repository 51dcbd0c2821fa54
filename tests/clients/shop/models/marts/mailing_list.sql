select c.email as address, o.spent
from {{ ref('stg_customers') }} c
join {{ ref('stg_orders') }} o on c.customer_id = o.customer_id
where o.spent > 20
