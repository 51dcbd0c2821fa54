//! Gives the errors that async-graphql makes itself the stable codes that our own errors have.

use std::sync::Arc;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextValidation,
};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ServerError, ServerResult, ValidationResult, Variables};

use super::guard::with_code;

/// The extension.
pub struct Codes;

impl ExtensionFactory for Codes {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Codes {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        // Syntax errors were told by the guard; what is left here are the limits on recursion and directives.
        next.run(ctx, query, variables)
            .await
            .map_err(|error| with_code(error, "QUERY_TOO_COMPLEX"))
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let coded = |error: ServerError| {
            // The limits on depth and complexity come as validation errors that only their text tells apart.
            let code = match error.message.as_str() {
                "Query is too complex." | "Query is nested too deep." => "QUERY_TOO_COMPLEX",
                _ => "GRAPHQL_VALIDATION_FAILED",
            };
            with_code(error, code)
        };
        next.run(ctx)
            .await
            .map_err(|errors| errors.into_iter().map(coded).collect())
    }
}
