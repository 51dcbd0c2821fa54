select count(*) as letters from {{ source('post', 'sent') }}
