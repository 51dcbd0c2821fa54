//! The state of the facts as a whole.

use async_graphql::{Context, Object, Result, SimpleObject};

use super::time::DateTime;
use super::{error, snapshot};

/// The state of the facts.
#[derive(SimpleObject)]
pub struct Store {
    /// The number of the newest commit.
    sequence: u64,
    /// The hash chain of the facts at that commit: the same head means the same facts.
    head: String,
    /// The instant that questions are answered for when they name none.
    as_of: DateTime,
    /// How many facts there are, acts among them.
    facts: u64,
    /// The version of the format that the facts are stored in.
    format_version: u16,
}

/// About the facts as a whole.
#[derive(Default)]
pub struct About;

#[Object]
impl About {
    /// The state of the facts that this operation is answered from.
    async fn store(&self, ctx: &Context<'_>) -> Result<Store> {
        let snapshot = snapshot::of(ctx)?;
        let counts = snapshot.counts().map_err(|problem| error::db(&problem))?;
        Ok(Store {
            sequence: snapshot.sequence(),
            head: snapshot.head(),
            as_of: DateTime::new(snapshot.as_of(), snapshot.zone()),
            facts: counts.facts,
            format_version: snapshot.format(),
        })
    }
}
