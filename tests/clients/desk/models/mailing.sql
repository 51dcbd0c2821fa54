select email from {{ ref('contacts') }}
