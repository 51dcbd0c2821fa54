select customer_id, sum(amount) as spent from {{ ref('orders') }} group by customer_id
