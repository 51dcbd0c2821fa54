//! One snapshot for each operation, so that all its fields speak of the same facts.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest};
use async_graphql::{Context, Request, Result, ServerResult};

use super::error;
use super::moment::{RecordMoment, moment};
use crate::db::{Db, Snapshot};

/// Takes a snapshot at the beginning of each operation.
#[derive(Clone)]
pub struct OneSnapshot(pub Db);

impl ExtensionFactory for OneSnapshot {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for OneSnapshot {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        next.run(ctx, request.data(self.0.snapshot())).await
    }
}

/// The snapshot that the operation is answered from.
pub fn of<'c>(ctx: &Context<'c>) -> Result<&'c Snapshot> {
    ctx.data::<Snapshot>()
}

/// The same, as it was known at the moment of an argument.
pub fn known_at(ctx: &Context<'_>, as_known_at: Option<&RecordMoment>) -> Result<Snapshot> {
    of(ctx)?
        .known_at(moment(as_known_at))
        .map_err(|problem| error::db(&problem))
}
